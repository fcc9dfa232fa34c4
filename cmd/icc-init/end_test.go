//go:build incus

package main_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/icc-project/icc/sdk/initspec"
)

func TestEveryEndArrives(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, tc := range map[string]struct {
		image string
		argv  []string
		want  initspec.State
	}{
		"exit 0":    {"busybox", sh("exit 0"), initspec.State{Phase: initspec.PhaseExited, Reason: initspec.ReasonExited}},
		"exit 1":    {"busybox", sh("exit 1"), initspec.State{Phase: initspec.PhaseExited, ExitCode: 1, Reason: initspec.ReasonExited}},
		"exit 42":   {"scratchtest", []string{"/scratchtest", "-exit", "42"}, initspec.State{Phase: initspec.PhaseExited, ExitCode: 42, Reason: initspec.ReasonExited}},
		"SIGKILL":   {"debian", sh("kill -9 $$"), initspec.State{Phase: initspec.PhaseExited, ExitCode: 137, Signal: "SIGKILL", Reason: initspec.ReasonSignal}},
		"SIGTERM":   {"busybox", sh("kill $$"), initspec.State{Phase: initspec.PhaseExited, ExitCode: 143, Signal: "SIGTERM", Reason: initspec.ReasonSignal}},
		"nowhere":   {"busybox", []string{"no-such-program"}, initspec.State{Phase: initspec.PhaseFailed, ExitCode: 127, Reason: initspec.ReasonStartFailed, Error: `exec: "no-such-program": executable file not found in $PATH`}},
		"no path":   {"scratchtest", []string{"/bin/sh"}, initspec.State{Phase: initspec.PhaseFailed, ExitCode: 127, Reason: initspec.ReasonStartFailed, Error: `exec: "/bin/sh": stat /bin/sh: no such file or directory`}},
		"no rights": {"busybox", []string{"/etc/passwd"}, initspec.State{Phase: initspec.PhaseFailed, ExitCode: 126, Reason: initspec.ReasonStartFailed, Error: `exec: "/etc/passwd": permission denied`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := b.create(t, tc.image, initspec.Spec{Argv: tc.argv}, nil)
			c.start(t)
			got := c.untilEnd(t)
			if got.Phase != tc.want.Phase || got.ExitCode != tc.want.ExitCode || got.Signal != tc.want.Signal ||
				got.Reason != tc.want.Reason || got.Error != tc.want.Error || got.FinishedAt.IsZero() || got.PID != 0 {
				t.Errorf("got %+v, want %+v", got, tc.want)
			}
			c.untilStopped(t)
		})
	}
}

func (c container) untilStopped(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		i, _, err := c.server.GetInstance(c.name)
		if err != nil {
			t.Fatal(err)
		}
		if i.Status == "Stopped" {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the container is still %s", i.Status)
		}
	}
}

func TestOnFailureThreeRunsFourTimes(t *testing.T) {
	t.Parallel()
	c := newBench(t).create(t, "busybox", initspec.Spec{
		Argv: sh("echo run; exit 3"), Restart: initspec.Restart{Policy: initspec.RestartOnFailure, MaxAttempts: 3},
	}, nil)
	c.start(t)
	if s := c.untilEnd(t); s.ExitCode != 3 || s.Restarts != 3 {
		t.Errorf("got %+v", s)
	}
	if out := c.output(t, ""); out != strings.Repeat("run\n", 4) {
		t.Errorf("the log has %q", out)
	}
	c.untilStopped(t)
}

func TestZombiesAreReapedAndLeftoversEnded(t *testing.T) {
	t.Parallel()
	c := newBench(t).create(t, "busybox", initspec.Spec{
		// Each subshell leaves an orphan behind, which PID 1 inherits.
		Argv: sh(`for i in 1 2 3 4 5; do (sleep 0.1 &) ; done; sleep 1000 & echo up; trap 'exit 0' TERM; while :; do sleep 0.1; done`),
	}, nil)
	c.started(t, "up")
	c.until(t, "without orphans and zombies", func(initspec.State) bool {
		_, output, _ := c.exec(t, initspec.Path, initspec.AppletTop)
		var table initspec.Processes
		if err := json.Unmarshal([]byte(output), &table); err != nil {
			t.Fatalf("%v in %q", err, output)
		}
		// PID 1, the shell and its two children, of which one may just have been begun: a fifth is an orphan or a zombie.
		return len(table.Processes) <= 4 && strings.Contains(output, `"sleep 1000"`) && !strings.Contains(output, "defunct")
	})
	c.stop(t)
	if s := c.state(t); s.ExitCode != 0 || s.Phase != initspec.PhaseExited {
		t.Errorf("got %+v", s)
	}
}

func TestAHeldPipeDoesNotHoldUpTheEnd(t *testing.T) {
	t.Parallel()
	c := newBench(t).create(t, "busybox", initspec.Spec{Argv: sh(`(trap '' TERM; sleep 1000) & echo bye; exit 4`)}, nil)
	c.start(t)
	if s := c.untilEnd(t); s.ExitCode != 4 {
		t.Errorf("got %+v", s)
	}
	if out := c.output(t, ""); out != "bye\n" {
		t.Errorf("the log has %q", out)
	}
}

func TestAnUnreadableSpecIsExplained(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, tc := range map[string]struct {
		order  string
		config map[string]string
		want   string
	}{
		"none":         {"", nil, "has no user.icc.spec"},
		"no JSON":      {"{", nil, "user.icc.spec is not valid"},
		"of tomorrow":  {`{"version":99}`, nil, "version 99"},
		"no command":   {`{"version":1}`, nil, "no command specified"},
		"no guest API": {`{"version":1,"argv":["true"]}`, map[string]string{"security.guestapi": "false"}, "security.guestapi=true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := b.createRaw(t, "busybox", tc.order, tc.config)
			c.start(t)
			s := c.untilEnd(t)
			if s.Phase != initspec.PhaseFailed || s.ExitCode != 125 || !strings.Contains(s.Error, tc.want) {
				t.Errorf("got %+v", s)
			}
			c.untilStopped(t)
			if log := c.console(t, tc.want); !strings.Contains(log, tc.want) {
				t.Errorf("the console says %q", log)
			}
		})
	}
}
