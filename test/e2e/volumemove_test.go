//go:build incus

package e2e

import (
	"strings"
	"testing"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/test/testbed"
)

func TestAVolumeMovesToAnotherPoolWithItsDataWhileItsUsersStandStill(t *testing.T) {
	t.Parallel()

	const pool = "second"

	server := testbed.Env(t).Incus(t)
	if err := server.CreateStoragePool(api.StoragePoolsPost{Name: pool, Driver: "dir"}); err != nil {
		t.Fatal(err)
	}

	t.Cleanup(func() { // after the project has gone
		if err := server.DeleteStoragePool(pool); err != nil {
			t.Error(err)
		}
	})

	p := newProject(t, keeper)
	p.ok("up", "-d")
	p.inside("keeper", "echo precious > /data/file; echo inner > /inner")

	before := p.instances()[p.instance("keeper", 1)].CreatedAt
	p.write("compose.yaml", strings.Replace(keeper, "  data:\n", "  data: {driver: "+pool+"}\n", 1))

	if plan := p.looks(true, "plan"); !strings.Contains(plan, "moves to pool "+pool+" with its data") || !strings.Contains(plan, "\n2 to restart\n") {
		t.Errorf("the plan is\n%s", plan)
	}

	p.ok("up", "-d")

	if got := p.inside("keeper", "cat /data/file /inner"); got != "precious\ninner" {
		t.Errorf("after the move the files are %q", got)
	}

	if after := p.instances()[p.instance("keeper", 1)].CreatedAt; !after.Equal(before) {
		t.Error("the instance was made anew")
	}

	p.looks(false, "plan")
	p.looks(false, "diff")
}
