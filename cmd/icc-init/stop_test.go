//go:build incus

package main_test

import (
	"strings"
	"testing"
	"time"

	"github.com/icc-project/icc/sdk/initspec"
)

func sh(script string) []string { return []string{"sh", "-c", script} }

func grace(d time.Duration) *time.Duration { return &d }

func TestAStopWaitsForTheEndOfTheWork(t *testing.T) {
	t.Parallel()
	c := newBench(t).create(t, "busybox", initspec.Spec{
		Argv:  sh(`trap 'echo stopping; sleep 3; echo done; exit 7' TERM; echo up; while :; do sleep 0.1; done`),
		Grace: grace(10 * time.Minute),
	}, nil)
	c.started(t, "up")
	took := c.stop(t)
	if took < 3*time.Second {
		t.Errorf("the stop took %v", took)
	}
	if s := c.state(t); s.Phase != initspec.PhaseExited || s.ExitCode != 7 || s.Reason != initspec.ReasonExited {
		t.Errorf("got %+v", s)
	}
	if out := c.output(t, initspec.Stdout); out != "up\nstopping\ndone\n" {
		t.Errorf("the log has %q", out)
	}
}

func TestWhoIgnoresTheStopSignalIsKilledAfterTheGraceAndNotBefore(t *testing.T) {
	t.Parallel()
	c := newBench(t).create(t, "busybox", initspec.Spec{
		Argv: sh(`trap 'echo ignored' TERM; echo up; while :; do sleep 0.1; done`), Grace: grace(2 * time.Second),
		Restart: initspec.Restart{Policy: initspec.RestartAlways},
	}, nil)
	c.started(t, "up")
	took := c.stop(t)
	if took < 2*time.Second {
		t.Errorf("the stop took %v", took)
	}
	if s := c.state(t); s.ExitCode != 137 || s.Signal != "SIGKILL" || s.Reason != initspec.ReasonSignal || s.Restarts != 0 {
		t.Errorf("got %+v", s)
	}
	if out := c.output(t, ""); out != "up\nignored\n" {
		t.Errorf("the log has %q", out)
	}
}

func TestTheStopSignalIsTheSpecs(t *testing.T) {
	t.Parallel()
	c := newBench(t).create(t, "busybox", initspec.Spec{
		Argv:       sh(`trap 'echo usr1; exit 0' USR1; trap 'echo term' TERM; echo up; while :; do sleep 0.1; done`),
		StopSignal: "SIGUSR1",
	}, nil)
	c.started(t, "up")
	c.stop(t)
	if s, out := c.state(t), c.output(t, ""); s.ExitCode != 0 || out != "up\nusr1\n" {
		t.Errorf("got %+v and %q", s, out)
	}
}

func TestAStopEndsTheWaitForARestartAtOnce(t *testing.T) {
	t.Parallel()
	c := newBench(t).create(t, "busybox", initspec.Spec{
		Argv: sh("exit 5"), Restart: initspec.Restart{Policy: initspec.RestartAlways, Delay: time.Hour},
	}, nil)
	c.start(t)
	c.until(t, "restarting", func(s initspec.State) bool { return s.Phase == initspec.PhaseRestarting })
	c.stop(t)
	if s := c.state(t); s.Phase != initspec.PhaseExited || s.ExitCode != 5 || s.Restarts != 0 {
		t.Errorf("got %+v", s)
	}
}

func TestTheGraceAppletChangesTheStop(t *testing.T) {
	t.Parallel()
	c := newBench(t).create(t, "busybox", initspec.Spec{
		Argv: sh(`trap '' TERM; echo up; while :; do sleep 0.1; done`), Grace: grace(10 * time.Minute),
	}, nil)
	c.started(t, "up")
	if code, out, errs := c.exec(t, initspec.Path, initspec.AppletGrace, "1000"); code != 0 {
		t.Fatalf("grace ended with %d: %s%s", code, out, errs)
	}
	if took := c.stop(t); took < time.Second {
		t.Errorf("the stop took %v", took)
	}
}

func TestAfterAKillNothingIsStartedAgain(t *testing.T) {
	t.Parallel()
	c := newBench(t).create(t, "busybox", initspec.Spec{
		Argv: sh(`trap 'echo hup' HUP; echo up; while :; do sleep 0.1; done`), Restart: initspec.Restart{Policy: initspec.RestartAlways},
	}, nil)
	c.started(t, "up")
	for _, signal := range []string{"HUP", "SIGKILL"} {
		code, out, errs, err := c.fed(t, "", initspec.Path, initspec.AppletKill, signal)
		if ends := signal == "SIGKILL"; (code != 0 || err != nil) && !(ends && torn(code, err)) {
			t.Fatalf("kill ended with %d, %v: %s%s", code, err, out, errs)
		}
		c.until(t, "told", func(initspec.State) bool { return strings.Contains(c.output(t, ""), "hup") })
	}
	if s := c.untilEnd(t); s.ExitCode != 137 || s.Restarts != 0 {
		t.Errorf("got %+v", s)
	}
	if out := c.output(t, ""); out != "up\nhup\n" {
		t.Errorf("the log has %q", out)
	}
}

func TestWhoSignalsPID1InTheContainerMeansTheCommand(t *testing.T) {
	t.Parallel()
	c := newBench(t).create(t, "busybox", initspec.Spec{
		Argv:    sh(`trap 'echo term; exit 3' TERM; trap 'echo int' INT; echo up; while :; do sleep 0.1; done`),
		Restart: initspec.Restart{Policy: initspec.RestartOnFailure},
	}, nil)
	c.started(t, "up")
	for n, signal := range []string{"-INT", "-TERM"} {
		code, out, errs, err := c.fed(t, "", "/bin/kill", signal, "1")
		if ends := signal == "-TERM"; (code != 0 || err != nil) && !(ends && torn(code, err)) {
			t.Fatalf("kill ended with %d, %v: %s%s", code, err, out, errs)
		}
		c.until(t, "told", func(s initspec.State) bool {
			return s.Restarts == n && s.Phase == initspec.PhaseRunning && strings.Contains(c.output(t, ""), []string{"int", "term"}[n])
		})
	}
	c.stop(t)
	if s, out := c.state(t), c.output(t, ""); s.Phase != initspec.PhaseExited || s.ExitCode == 137 || !strings.HasPrefix(out, "up\nint\nterm\n") {
		t.Errorf("got %+v and %q", s, out)
	}
}
