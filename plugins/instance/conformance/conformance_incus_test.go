//go:build incus

package conformance

import (
	"testing"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/conformance"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// It does not run beside other tests: theirs would change the server while it has to be quiet.
func TestTheInstancePluginKeepsThePromisesOfTheProtocol(t *testing.T) {
	l := newLab(t)
	l.network("front", "10.99.8", map[string]kinds.Address{"web-1": {IPv4: "10.99.8.10"}, "db-1": {IPv4: "10.99.8.11"}})
	l.volume("data")
	db, web := l.sleeper("db"), l.sleeper("web")
	for _, c := range []*kinds.InstanceConfig{&db, &web} {
		c.NetworkMode, c.Networks = "", []kinds.NIC{{Network: "front", Gateway: true}}
	}
	db.Mounts = []kinds.Mount{{Type: kinds.MountVolume, Source: "data", Target: "/data"}}
	web.Labels = map[string]string{"who": "me"}
	image, network := conformance.Needs(resource.KindImage, "busybox"), conformance.Needs(resource.KindNetwork, "front")
	conformance.Provider(t, plugin(), conformance.Case{
		New: func() sdk.Provider { return plugin() }, Watch: l.host.Quiet,
		Settings: sdk.Settings{
			IncusSocket: l.host.Socket, IncusProject: l.project, ProjectOwned: true,
			ComposeProject: l.project, StoragePool: "default", CacheDir: l.cache,
		},
		// Only the server knows exactly when it made an instance; a creation does not ask again for that.
		Inputs: l.inputs(), Volatile: []string{"created_at", "started_at"},
		Options: resource.Options{Timeout: 1},
		Declarations: []resource.Declaration{
			conformance.Declare(resource.KindInstance, "db-1", db, image, network, conformance.Needs(resource.KindStorageVolume, "data")),
			conformance.Declare(resource.KindInstance, "web-1", web, image, network),
		},
	})
}
