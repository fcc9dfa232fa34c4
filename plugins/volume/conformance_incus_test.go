//go:build incus

package main

import (
	"testing"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/conformance"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func TestTheVolumePluginKeepsThePromisesOfTheProtocol(t *testing.T) {
	w := newWorld(t)
	conformance.Provider(t, newProvider(), conformance.Case{
		New: func() sdk.Provider { return newProvider() }, Settings: w.settings, Watch: w.host.Quiet,
		Declarations: []resource.Declaration{
			conformance.Declare(resource.KindStorageVolume, "data", kinds.VolumeConfig{
				Project: "shop", Labels: map[string]string{"who": "me"}, Incus: map[string]string{"size": "64MiB"},
			}),
			conformance.Declare(resource.KindStorageVolume, "cache", kinds.VolumeConfig{Project: "shop"}),
			conformance.Declare(resource.KindStorageVolume, "secrets", kinds.VolumeConfig{
				Project: "shop", Ephemeral: true,
				Files: []kinds.VolumeFile{{Path: "key", Content: []byte("secret"), UID: 7, Mode: 0o400, Sensitive: true}},
			}),
		},
	})
}
