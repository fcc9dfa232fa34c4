//go:build incus

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// until waits for something to come true; what it looked like last is part of the failure.
func (p *project) until(patience time.Duration, what string, holds func() (string, bool)) {
	p.t.Helper()

	deadline := time.Now().Add(busy * patience)
	for {
		last, ok := holds()
		if ok {
			return
		}

		if time.Now().After(deadline) {
			p.t.Fatalf("%s: not so after %s; last seen: %s", what, busy*patience, last)
		}

		time.Sleep(100 * time.Millisecond)
	}
}

// untilState waits until all instances of a service are in a state of `icc ps`.
func (p *project) untilState(service, state string) {
	p.t.Helper()
	p.until(30*time.Second, service+" is "+state, func() (string, bool) {
		rows := p.ps(service)
		for _, row := range rows {
			if row.State != state {
				return fmt.Sprintf("%+v", rows), false
			}
		}

		return fmt.Sprintf("%+v", rows), len(rows) > 0
	})
}

func TestExitCodesArrive(t *testing.T) {
	t.Parallel()

	commands := map[string]struct {
		script string
		code   int
	}{
		"well":    {"exit 0", 0},
		"one":     {"exit 1", 1},
		"answer":  {"exit 42", 42},
		"killed":  {"kill -KILL $$$$", 137},
		"ended":   {"kill -TERM $$$$", 143},
		"orphans": {"sleep 1000 & exit 7", 7},
	}

	compose := "services:\n"
	for name, c := range commands {
		compose += fmt.Sprintf("  %s: {image: \"busybox:1\", command: [sh, -c, %q]}\n", name, c.script)
	}

	p := newProject(t, compose)
	p.ok("up", "-d")

	for name, c := range commands {
		p.untilState(name, "exited")

		row := p.ps(name)[0]
		if row.ExitCode != c.code || !strings.HasPrefix(row.Status, fmt.Sprintf("Exited (%d)", c.code)) {
			t.Errorf("%s: want exit code %d: %+v", name, c.code, row)
		}
	}
}

func TestAStopHonoursSignalAndGracePeriod(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  deaf: {image: "busybox:1", stop_grace_period: 12s, command: [sh, -c, "trap 'echo heard' TERM; echo ready; while :; do sleep 0.1; done"]}
  hasty: {image: "busybox:1", stop_grace_period: 0s, command: [sh, -c, "trap 'echo heard' TERM; echo ready; while :; do sleep 0.1; done"]}
  slow: {image: "busybox:1", stop_grace_period: 1h, command: [sh, -c, "trap 'sleep 4; echo finished; exit 3' TERM; echo ready; while :; do sleep 0.1; done"]}
  other: {image: "busybox:1", stop_grace_period: 2m, stop_signal: SIGUSR1, command: [sh, -c, "trap 'echo got USR1; exit 4' USR1; echo ready; while :; do sleep 0.1; done"]}
`)
	p.ok("up", "-d")

	for _, service := range []string{"deaf", "hasty", "slow", "other"} {
		p.logged(service, "ready")
	}

	heard := func(service string) bool {
		return strings.Contains(p.ok("logs", "--no-log-prefix", service).stdout, "heard\n")
	}

	// The grace period is 10 s unless said otherwise.
	if r := p.ok("stop", "deaf"); r.elapsed < 12*time.Second || !heard("deaf") {
		t.Errorf("a process that does not end at SIGTERM was killed after %s, not after its 12 s", r.elapsed)
	}

	if row := p.ps("deaf")[0]; row.ExitCode != 137 {
		t.Errorf("a killed process: %+v", row)
	}

	// It may have heard of it: Incus tells it to end before it is killed.
	p.ok("stop", "hasty")

	if row := p.ps("hasty")[0]; row.ExitCode != 137 {
		t.Errorf("a process without any grace period: %+v", row)
	}

	// With its grace period the stop would hang.
	if r := p.ok("stop", "slow"); r.elapsed < 4*time.Second {
		t.Errorf("a process that needs 4 s to end took %s", r.elapsed)
	}

	if row := p.ps("slow")[0]; row.ExitCode != 3 {
		t.Errorf("a process that ended in its own time: %+v", row)
	}

	if out := p.ok("logs", "--no-log-prefix", "slow").stdout; !strings.Contains(out, "finished") {
		t.Errorf("the last words of a stop are missing from the log: %q", out)
	}

	p.ok("stop", "other")

	if row := p.ps("other")[0]; row.ExitCode != 4 {
		t.Errorf("stop_signal: %+v", row)
	}
}

func TestATimeoutOnTheCommandLineReplacesTheGracePeriod(t *testing.T) {
	t.Parallel()
	p := newProject(t, `services: {deaf: {image: "busybox:1", stop_grace_period: 1h, command: [sh, -c, "trap '' TERM; echo ready; while :; do sleep 0.1; done"]}}`)
	p.ok("up", "-d")
	p.logged("deaf", "ready")

	// With the grace period it would hang.
	if r := p.ok("stop", "-t", "2"); r.elapsed < 2*time.Second {
		t.Errorf("stop -t 2 took %s", r.elapsed)
	}

	if row := p.ps("deaf")[0]; row.ExitCode != 137 {
		t.Errorf("a killed process: %+v", row)
	}
}

func TestRestartPolicies(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  thrice: {image: "busybox:1", restart: "on-failure:3", command: [sh, -c, "echo run; exit 9"]}
  fine: {image: "busybox:1", restart: on-failure, command: [sh, -c, "echo run; exit 0"]}
  always: {image: "busybox:1", restart: always, command: [sh, -c, "echo run; sleep 0.3"]}
  never: {image: "busybox:1", command: [sh, -c, "echo run; exit 1"]}
`)
	p.ok("up", "-d")

	runs := func(service string) int {
		return strings.Count(p.ok("logs", "--no-log-prefix", service).stdout, "run\n")
	}

	for service, want := range map[string]int{"thrice": 4, "fine": 1, "never": 1} {
		p.untilState(service, "exited")

		if got := runs(service); got != want {
			t.Errorf("%s ran %d times, want %d", service, got, want)
		}
	}

	if row := p.ps("thrice")[0]; row.ExitCode != 9 {
		t.Errorf("thrice: %+v", row)
	}

	p.until(20*time.Second, "always runs again and again", func() (string, bool) {
		n := runs("always")

		return fmt.Sprint(n, " runs"), n >= 3
	})
	p.ok("stop", "always")

	before := runs("always")
	time.Sleep(1500 * time.Millisecond)

	if row := p.ps("always")[0]; row.State != "exited" || runs("always") != before {
		t.Errorf("a stopped service went on: %d runs, then %d; %+v", before, runs("always"), row)
	}
}

func TestAKilledMainProcessIsStartedAgainByItsPolicy(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  again: {image: "busybox:1", restart: unless-stopped, command: [sh, -c, "echo run; exec sleep 1000"]}
  once: {image: "busybox:1", command: [sleep, "1000"]}
`)
	p.ok("up", "-d")

	for _, service := range []string{"again", "once"} {
		p.until(20*time.Second, service+" sleeps", func() (string, bool) {
			r := p.icc("exec", "-T", service, "sh", "-c", "grep -l '^sleep$' /proc/[0-9]*/comm")

			return r.String(), r.stdout != ""
		})
		// The session ends with the main process, or a moment after it.
		p.icc("exec", "-T", service, "sh", "-c", "kill -KILL $(grep -l sleep /proc/[0-9]*/comm | cut -d/ -f3)")
	}

	p.untilState("once", "exited")

	if row := p.ps("once")[0]; row.ExitCode != 137 {
		t.Errorf("once: %+v", row)
	}

	p.until(20*time.Second, "again runs twice", func() (string, bool) {
		out := p.ok("logs", "--no-log-prefix", "again").stdout

		return out, strings.Count(out, "run\n") == 2
	})
	p.untilState("again", "running")
}
