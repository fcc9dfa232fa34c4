//go:build incus

package e2e

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/core/host"
)

// slowProject takes a while to come up: a service waits for another one until the test lets it go on.
const slowProject = `
services:
  gate: {image: "busybox:1", command: [sleep, infinity], stop_grace_period: 0s, healthcheck: {test: [CMD, test, -e, /open], interval: 200ms, retries: 1000}}
  after: {image: "busybox:1", command: [sleep, infinity], stop_grace_period: 0s, depends_on: {gate: {condition: service_healthy}}}
`

func TestTwoUpsTakeTurns(t *testing.T) {
	t.Parallel()
	p := newProject(t, slowProject)
	first := p.start("up", "-d")
	first.says("Waiting")
	first.says(p.instance("after", 1) + "  Created") // which may be later

	// One that must not wait, and one that does not want to any more.
	p.fails(1, []string{"up", "-d", "--lock-timeout", "0"}, "icc up of ", "is changing the project", "hint: ")

	impatient := p.start("stop")
	impatient.says("waiting for it to finish")
	impatient.signal(os.Interrupt)

	if r := impatient.wait(10 * time.Second); r.code != 130 {
		t.Error(r)
	}

	// Who only looks, or wants in, is let in.
	p.ok("ps")
	p.changesNothing("plan", func() { p.icc("plan") })

	second := p.start("up", "-d")
	second.says("waiting for it to finish")
	p.inside("gate", "touch /open")

	if r := first.wait(60 * time.Second); r.code != 0 {
		t.Error(r)
	}

	if r := second.wait(60 * time.Second); r.code != 0 || !strings.Contains(r.stderr, "Nothing to do") {
		t.Error("the second does not see what the first has done:", r)
	}

	p.wantLocks()
	p.changesNothing("an up of nothing", func() { p.ok("up", "-d") })
}

func TestALockOfAKilledRunExpires(t *testing.T) {
	t.Parallel()
	p := newProject(t, slowProject)

	first := p.start("up", "-d")
	first.says("Waiting")
	first.says(p.instance("after", 1) + "  Created") // which may be later
	first.signal(syscall.SIGKILL)
	first.wait(10 * time.Second)

	// Its plugins outlive it for a moment, to clean up, and are waited for.
	eventually(t, 10*time.Second, func() string {
		if left := host.PluginsOf(first.command.Process.Pid); len(left) > 0 {
			return fmt.Sprintf("plugins of the killed icc are left: %v", left)
		}

		return ""
	})

	locks := p.locks()
	if len(locks) != 1 {
		t.Fatalf("the locks are %q", locks)
	}

	// On the same machine it is known to be dead, with all it started, so nobody waits for it.
	if r := p.ok("stop"); strings.Contains(r.stderr, "waiting for it to finish") || !strings.Contains(r.stderr, "which was killed") {
		t.Error(r)
	}

	// On another one it has to stand still for half a minute. Renewed, it would be waited for.
	server := p.host.Incus(t).UseProject(p.name)
	p.must(server.CreateProfile(api.ProfilesPost{Name: locks[0], ProfilePut: api.ProfilePut{Config: map[string]string{
		"user.icc.lock.who": "ann@elsewhere", "user.icc.lock.command": "up", "user.icc.lock.process": "elsewhere 1 1",
	}}}))

	p.fails(1, []string{"start", "gate", "--lock-timeout", "2s"}, "icc up of ann@elsewhere", "hint: ")

	if r := p.ok("start", "gate"); r.elapsed < 25*time.Second || !strings.Contains(r.stderr, "ann@elsewhere") {
		t.Error("a lock that somebody may hold was not respected:", r)
	}

	p.wantLocks()
}

// Of many that come at once each gets its turn, and all is well in the end.
func TestManyUpsAtOnce(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)

	var all []*running
	for range 4 {
		all = append(all, p.start("up", "-d"))
	}

	for _, r := range all {
		if got := r.wait(60 * time.Second); got.code != 0 {
			t.Error(got)
		}
	}

	p.wantLocks()

	var downs []*running
	for range 2 {
		downs = append(downs, p.start("down"))
	}

	for _, r := range downs {
		if got := r.wait(60 * time.Second); got.code != 0 {
			t.Error(got)
		}
	}

	p.leavesNothing()
}

// Whoever may work in an Incus project only takes turns with its other users, whatever the project has of its own.
func TestLocksInAnIncusProjectOfSomebodyElse(t *testing.T) {
	t.Parallel()

	for name, features := range map[string]map[string]string{
		"profiles": {"features.networks": "false", "features.images": "false"},
		"volumes":  {"features.networks": "false", "features.images": "false", "features.profiles": "false"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t, slowProject)
			shared := p.name + "-theirs"
			server := p.host.Incus(t)
			p.must(server.CreateProject(api.ProjectsPost{Name: shared, ProjectPut: api.ProjectPut{Config: features}}))
			t.Cleanup(func() {
				if err := server.DeleteProject(shared); err != nil {
					t.Error(err)
				}

				p.env = nil // it is gone, and nothing else may be left
			})
			p.env = append(p.env, "ICC_INCUS_PROJECT="+shared)
			t.Cleanup(func() { p.ok("down", "--volumes") })

			first := p.start("up", "-d")
			first.says("Waiting")

			limited := p.with("INCUS_CONF="+p.restrictedRemote(shared), "INCUS_SOCKET=/nowhere/unix.socket")
			limited.fails(1, []string{"--remote", "far", "stop", "--lock-timeout", "0"}, "is changing the project")
			p.inside("gate", "touch /open")

			if r := first.wait(60 * time.Second); r.code != 0 {
				t.Error(r)
			}

			limited.ok("--remote", "far", "stop", "after")
			p.wantLocksIn(shared)
		})
	}
}

func (p *project) wantLocks() {
	p.t.Helper()
	p.wantLocksIn(p.name)
}

// wantLocksIn fails the test when locks stay in an Incus project: a busy server may be slow to remove the last one.
func (p *project) wantLocksIn(incusProject string) {
	p.t.Helper()

	eventually(p.t, 10*time.Second, func() string {
		if left := p.locksIn(incusProject); len(left) > 0 {
			return fmt.Sprintf("these locks are left: %q", left)
		}

		return ""
	})
}

func (p *project) locks() []string {
	p.t.Helper()

	return p.locksIn(p.name)
}

func (p *project) locksIn(incusProject string) []string {
	p.t.Helper()

	server := p.host.Incus(p.t).UseProject(incusProject)

	profiles, err := server.GetProfileNames()
	p.must(err)

	volumes, err := server.GetStoragePoolVolumeNames("default")
	p.must(err)

	return slices.DeleteFunc(append(profiles, volumes...), func(name string) bool {
		return !strings.HasPrefix(strings.TrimPrefix(name, "custom/"), "icc-lock-")
	})
}
