//go:build incus

package main

import (
	"testing"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/conformance"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/test/testbed"
)

func TestPulledImagesKeepThePromisesOfTheProtocol(t *testing.T) {
	b := newBed(t, "promise")
	conformance.Provider(t, newProvider(), conformance.Case{
		New: func() sdk.Provider { return newProvider() }, Settings: b.settings, Watch: testbed.Env(t).Quiet, Shared: true,
		Declarations: []resource.Declaration{
			conformance.Declare(resource.KindImage, "busybox:1", kinds.ImageConfig{Reference: "busybox:1", Services: []string{"web"}}),
			conformance.Declare(resource.KindImage, "scratchtest", kinds.ImageConfig{Reference: "scratchtest", PullPolicy: "missing"}),
		},
	})
}

func TestBuiltImagesKeepThePromisesOfTheProtocol(t *testing.T) {
	b := newBed(t, "promise")
	conformance.Provider(t, newProvider(), conformance.Case{
		New: func() sdk.Provider { return newProvider() }, Settings: b.settings, Watch: testbed.Env(t).Quiet,
		Inputs: []resource.Input{
			answer(t, "promise-web", builtImage(t, "web")), answer(t, "promise-db", builtImage(t, "db")),
		},
		Declarations: []resource.Declaration{
			conformance.Declare(resource.KindImage, "promise-web", kinds.ImageConfig{
				Reference: "promise-web", Build: &kinds.BuildConfig{Context: "/src/web"},
			}),
			conformance.Declare(resource.KindImage, "promise-db", kinds.ImageConfig{
				Reference: "promise-db", Build: &kinds.BuildConfig{Context: "/src/db"},
			}),
		},
	})
}
