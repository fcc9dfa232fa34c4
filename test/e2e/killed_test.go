//go:build incus

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lxc/incus/v6/shared/api"
)

func TestAnInitThatIsKilledIsAKilledService(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  force: {image: "busybox:1", restart: always, command: [sh, -c, "echo run; sleep 1000"]}
  signal: {image: "busybox:1", restart: always, command: [sh, -c, "echo run; sleep 1000"]}
`)
	p.ok("up", "-d")
	p.logged("force", "run")
	p.logged("signal", "run")

	server := p.host.Incus(t).UseProject(p.instances()[p.instance("force", 1)].Project)

	// As `incus stop --force`.
	op, err := server.UpdateInstanceState(p.instance("force", 1), api.InstanceStatePut{Action: "stop", Force: true}, "")
	p.must(err)
	p.must(op.Wait())

	// As the host's administrator.
	p.must(syscall.Kill(p.hostPID("signal"), syscall.SIGKILL))

	for _, service := range []string{"force", "signal"} {
		p.untilKilled(service)
	}

	p.ok("up", "-d")

	for _, service := range []string{"force", "signal"} {
		p.untilState(service, "running")
		p.until(20*time.Second, service+" runs again, with its log going on", func() (string, bool) {
			out := p.ok("logs", "--no-log-prefix", service).stdout

			return out, out == "run\nrun\n"
		})
	}
}

// untilKilled waits until icc and the server know a service for one that was killed: while the server clears a container
// away that has ended by itself it is stopped for a moment, then running, and noted as stopped only at the end.
func (p *project) untilKilled(service string) {
	p.t.Helper()
	p.until(30*time.Second, service+" is a killed service", func() (string, bool) {
		row, power := p.ps(service)[0], p.key(service, "volatile.last_state.power")

		return fmt.Sprintf("%+v, %s", row, power), row.State == "exited" && row.ExitCode == 137 && row.Status == "Exited (137)" && power == "STOPPED"
	})
}

func TestTheSignalThatEndsAServiceIsItsExitCode(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
x-run: &run {image: "busybox:1", command: [sh, -c, "echo run; while :; do sleep 0.1; done"]}
services:
  once: {<<: *run}
  again: {<<: *run, restart: on-failure}
`)
	p.ok("up", "-d")
	p.logged("once", "run")
	p.logged("again", "run")

	for _, service := range []string{"once", "again"} {
		p.must(syscall.Kill(p.childOf(p.hostPID(service)), syscall.SIGSEGV))
	}

	p.untilState("once", "exited")

	if row := p.ps("once")[0]; row.ExitCode != 139 || !strings.HasPrefix(row.Status, "Exited (139)") {
		t.Errorf("once: %+v", row)
	}

	p.until(20*time.Second, "again runs again", func() (string, bool) {
		out := p.ok("logs", "--no-log-prefix", "again").stdout

		return out, out == "run\nrun\n"
	})
	p.untilState("again", "running")
}

// hostPID is the process of the host that is PID 1 of a service's instance. The server counts in a namespace of its own.
func (p *project) hostPID(service string) int {
	p.t.Helper()

	name := p.instance(service, 1)

	// The monitor's command line ends with the instance's name in the project; PID 1 is its child.
	want := "[lxc monitor] /var/lib/incus/containers " + p.instances()[name].Project + "_" + name

	folders, err := filepath.Glob("/proc/[0-9]*")
	p.must(err)

	for _, folder := range folders {
		line, _ := os.ReadFile(folder + "/cmdline") // a process that has ended has none
		if strings.TrimRight(string(line), "\x00 ") != want || !p.onServer(folder) {
			continue
		}

		pid, err := strconv.Atoi(filepath.Base(folder))
		p.must(err)

		return p.childOf(pid)
	}

	p.t.Fatalf("there is no process %q", want)

	return 0
}

// onServer says whether a process belongs to the project's server and not to another one of this machine.
func (p *project) onServer(folder string) bool {
	own, err := os.Stat("/run/netns/" + p.host.Netns)
	p.must(err)

	info, err := os.Stat(folder + "/ns/net")

	return err == nil && os.SameFile(own, info)
}

// childOf returns the first child of a process.
func (p *project) childOf(pid int) int {
	p.t.Helper()

	// Whichever of its threads has started it.
	lists, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "task/*/children"))
	p.must(err)

	var children string

	for _, list := range lists {
		some, _ := os.ReadFile(list) // a thread may have ended
		children += string(some)
	}

	child, err := strconv.Atoi(strings.Fields(children + " 0")[0])
	p.must(err)

	if child == 0 {
		p.t.Fatalf("process %d has no children", pid)
	}

	return child
}
