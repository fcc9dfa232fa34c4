//go:build incus

package e2e

import (
	"slices"
	"testing"

	"github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"
)

// Copies that somebody makes by hand, before a risky change for example, carry all the marks of what icc has made.
func TestCopiesMadeByHandAreLeftAlone(t *testing.T) {
	t.Parallel()
	p := newProject(t, keeper)
	p.ok("up", "-d")

	server := p.host.Incus(t).UseProject(p.name)
	volume := p.name + "_data"
	p.must(server.CreateStoragePoolVolume("default", api.StorageVolumesPost{
		Name: "copy", Type: "custom", Source: api.StorageVolumeSource{Type: "copy", Pool: "default", Name: volume},
	}))

	op, err := server.CreateInstance(api.InstancesPost{Name: "copy", Source: api.InstanceSource{Type: "copy", Source: p.instance("keeper", 1)}})
	p.must(err)
	p.must(op.Wait())

	p.looks(false, "plan")
	p.ok("up", "-d")
	p.wantInstances("copy stopped", p.instance("keeper", 1)+" running")
	p.fails(1, []string{"down", "--volumes"}, "in use by copy", "incus delete") // the copy has the same volumes
	p.wantInstances("copy stopped")
	p.removeCopy(server)
	p.ok("down", "--volumes")

	if got := p.volumes(); !slices.Equal(got, []string{"copy"}) {
		t.Errorf("the volumes that are left are %q", got)
	}

	p.must(server.DeleteStoragePoolVolume("default", "custom", "copy"))
}

func (p *project) removeCopy(server incus.InstanceServer) {
	p.t.Helper()

	op, err := server.DeleteInstance("copy")
	p.must(err)
	p.must(op.Wait())
}
