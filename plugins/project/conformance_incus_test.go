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

func TestTheProjectPluginKeepsThePromisesOfTheProtocol(t *testing.T) {
	host := testbed.Env(t)
	host.LeavesNothing(t)
	const project = "promises"
	inProject := conformance.Needs(resource.KindProject, project)
	conformance.Provider(t, newProvider(), conformance.Case{
		New: func() sdk.Provider { return newProvider() }, Watch: host.Quiet,
		Settings: sdk.Settings{IncusSocket: host.Socket, IncusProject: project, ComposeProject: project, ProjectOwned: true},
		Declarations: []resource.Declaration{
			conformance.Declare(resource.KindProject, project, kinds.ProjectConfig{
				IncusProject: project, Config: map[string]string{"limits.instances": "7"}, Files: []string{"/srv/compose.yaml"}, WorkingDir: "/srv",
			}),
			conformance.Declare(resource.KindProfile, "small", kinds.ProfileConfig{
				Config:  map[string]string{"limits.memory": "64MiB"},
				Devices: map[string]map[string]string{"root": {"type": "disk", "path": "/", "pool": "default"}},
			}, inProject),
			conformance.Declare(resource.KindProfile, "copy", kinds.ProfileConfig{
				SourceProject: "default", SourceProfile: "default", NetworkOnly: true,
			}, inProject),
		},
	})
}
