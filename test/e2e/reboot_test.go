//go:build incus

package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/icc-project/icc/test/testbed"
)

// policies has a service of each restart policy for each way to be before the server goes down: they run, they were
// stopped by hand, or they have ended.
const policies = `
x-run: &run {image: "busybox:1", stop_grace_period: 30s, command: [sh, -c, "trap 'echo end; exit 0' TERM; trap 'echo tick' USR1; echo run; while :; do sleep 0.1; done"]}
services:
  always: {<<: *run, restart: always, healthcheck: {test: ["CMD", "test", "!", "-e", "/tmp/sick"], interval: 500ms, retries: 1}}
  unless: {<<: *run, restart: unless-stopped}
  failure: {<<: *run, restart: on-failure}
  never: {<<: *run}
  halted-always: {<<: *run, restart: always}
  halted-unless: {<<: *run, restart: unless-stopped}
  halted-failure: {<<: *run, restart: on-failure}
  halted-never: {<<: *run}
  job: {image: "busybox:1", command: [sh, -c, "echo run"]}
  job-failure: {image: "busybox:1", restart: on-failure, command: [sh, -c, "echo run"]}
  job-failed: {image: "busybox:1", restart: "on-failure:1", command: [sh, -c, "echo run; exit 3"]}
`

// It runs before the others, not beside them: servers that start need a machine that is not too busy.
func TestRestartPoliciesOutliveIncusAndTheHost(t *testing.T) {
	host := testbed.Another(t, "e2e-reboot")
	p := newProjectOn(t, host, policies)
	p.ok("up", "-d")

	halted := []string{"halted-always", "halted-unless", "halted-failure", "halted-never"}
	for _, service := range halted {
		p.logged(service, "run") // it listens by then
	}

	p.ok(append([]string{"stop"}, halted...)...)

	for _, job := range []string{"job", "job-failure", "job-failed"} {
		p.untilState(job, "exited")
	}

	runs := map[string]int{
		"always": 1, "unless": 1, "failure": 1, "never": 1, "halted-always": 1, "halted-unless": 1, "halted-failure": 1, "halted-never": 1,
		"job": 1, "job-failure": 1, "job-failed": 2,
	}
	up := []string{"always", "failure", "never", "unless"}
	p.wantRuns(up, runs)

	// Another daemon: what runs goes on, and as after one of Docker's, restart: always comes back.
	follow := p.start("logs", "--follow", "--no-log-prefix", "always")
	follow.prints("run")
	p.inside("always", "(sleep 0.5; touch /tmp/sick) >/dev/null 2>&1 &")

	begin := time.Now()
	host.RestartIncus(t)

	// A server that is away for a minute is given up; on a slow machine a restart may take that.
	if time.Since(begin) >= time.Minute {
		follow = p.start("logs", "--follow", "--no-log-prefix", "always")
	}

	up, runs["halted-always"] = []string{"always", "failure", "halted-always", "never", "unless"}, 2
	p.wantRuns(up, runs)
	p.untilHealth("always", "unhealthy", "Running")
	p.inside("always", "rm /tmp/sick")
	p.untilHealth("always", "healthy", "Ready")
	p.ok("kill", "-s", "USR1", "always")
	follow.prints("tick")

	if rows := p.ps("job-failed"); rows[0].ExitCode != 3 {
		t.Errorf("the exit code of a job after a restart of Incus: %+v", rows)
	}

	p.ok("stop", "halted-always")

	// The host goes down in order and comes back.
	host.Reboot(t)

	up = []string{"always", "failure", "halted-always", "unless"}
	for _, service := range up {
		runs[service]++
	}

	p.wantRuns(up, runs)
	p.untilHealth("always", "healthy", "Ready")

	for _, service := range append(up, "never") {
		if out := p.ok("logs", "--no-log-prefix", service).stdout; !strings.Contains(out, "end\n") {
			t.Errorf("%s was not told that the host goes down:\n%s", service, out)
		}
	}

	// The power fails, and the same come back, without a chance to say good-bye.
	p.ok("stop", "halted-always")
	host.PullThePlug(t)

	for _, service := range up {
		runs[service]++
	}

	p.wantRuns(up, runs)
	p.ok("up", "-d", "never")
	p.untilState("never", "running")
}

// wantRuns waits until just the given services run, and checks how often each service has been started so far.
func (p *project) wantRuns(up []string, runs map[string]int) {
	p.t.Helper()
	p.until(40*time.Second, fmt.Sprint(up, " run"), func() (string, bool) {
		var running []string

		for _, row := range p.ps("-a") {
			if row.State == "running" {
				running = append(running, row.Service)
			}
		}

		slices.Sort(running)

		return fmt.Sprint(running), slices.Equal(running, up)
	})

	// A service runs a moment before it says so.
	p.until(20*time.Second, fmt.Sprintf("the services were started this often: %v", runs), func() (string, bool) {
		got := map[string]int{}
		for service := range runs {
			got[service] = strings.Count(p.ok("logs", "--no-log-prefix", service).stdout, "run\n")
		}

		return fmt.Sprint(got), maps.Equal(got, runs)
	})
}

// untilHealth waits until both icc and Incus know how a service is.
func (p *project) untilHealth(service, health, status string) {
	p.t.Helper()
	p.until(20*time.Second, service+" is "+health, func() (string, bool) {
		row, known := p.ps(service)[0], p.instances()[p.instance(service, 1)].Status

		return row.Health + ", " + known, row.Health == health && known == status
	})
}
