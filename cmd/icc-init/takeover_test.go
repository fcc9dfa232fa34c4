//go:build incus

package main_test

import (
	"strings"
	"testing"
	"time"

	"github.com/icc-project/icc/sdk/initspec"
)

func TestAnImagesOwnInitIsPID1(t *testing.T) {
	t.Parallel()
	c := newBench(t).create(t, "busybox", initspec.Spec{
		Takeover: true, Argv: sh(`echo "I am $$"; echo err >&2; trap 'echo got hup' HUP; trap 'echo bye; exit 0' TERM PWR; echo up; while :; do sleep 0.1; done`),
		Health: &initspec.Health{Test: []string{"CMD", "true"}, Interval: 200 * time.Millisecond, StartInterval: 100 * time.Millisecond},
	}, nil)
	c.started(t, "up")
	c.until(t, "healthy", func(s initspec.State) bool {
		return s.Phase == initspec.PhaseRunning && s.PID == 1 && s.Health != nil && s.Health.Status == initspec.HealthHealthy
	})
	if code, out, errs := c.exec(t, initspec.Path, initspec.AppletKill, "HUP"); code != 0 {
		t.Fatalf("kill ended with %d: %s%s", code, out, errs)
	}
	if code, _, errs := c.exec(t, initspec.Path, initspec.AppletKill, "KILL"); code == 0 || !strings.Contains(errs, "only Incus can kill") {
		t.Errorf("killing PID 1 ends with %d: %s", code, errs)
	}
	c.until(t, "told", func(initspec.State) bool { return strings.Contains(c.output(t, ""), "got hup") })
	c.stop(t)
	if out := c.output(t, initspec.Stdout); !strings.HasPrefix(out, "I am 1\nup\ngot hup\n") {
		t.Errorf("the log has %q", out)
	}
	if out := c.output(t, initspec.Stderr); out != "err\n" {
		t.Errorf("the log has %q of stderr", out)
	}
}

func TestRootMayExecBesideAPID1WithoutCapabilities(t *testing.T) {
	t.Parallel()
	c := newBench(t).create(t, "busybox", initspec.Spec{Takeover: true, Argv: []string{"sleep", "1000"}, CapDrop: []string{"ALL"}}, nil)
	c.start(t)
	c.until(t, "running", func(s initspec.State) bool { return s.Phase == initspec.PhaseRunning })
	if code, out, errs := c.exec(t, initspec.Path, initspec.AppletExec, "--", "id", "-u"); code != 0 || out != "0\n" {
		t.Errorf("exec ends with %d: %q, %s", code, out, errs)
	}
	// Other users cannot be had, and that is said.
	if code, _, errs := c.exec(t, initspec.Path, initspec.AppletExec, "-u", "mail", "--", "id"); code != 126 || !strings.Contains(errs, "cap_drop") {
		t.Errorf("exec as another user ends with %d: %s", code, errs)
	}
}

func TestATakeoverThatFailsIsAFailedStart(t *testing.T) {
	t.Parallel()
	c := newBench(t).create(t, "busybox", initspec.Spec{Takeover: true, Argv: []string{"/init"}}, nil)
	c.start(t)
	if s := c.untilEnd(t); s.Phase != initspec.PhaseFailed || s.ExitCode != 127 || s.Error != `exec: "/init": stat /init: no such file or directory` {
		t.Errorf("got %+v", s)
	}
	c.untilStopped(t)
}

func TestAHealthyServiceIsReady(t *testing.T) {
	t.Parallel()
	c := newBench(t).create(t, "busybox", initspec.Spec{
		Argv: sh(`echo up; trap 'exit 0' TERM; while :; do sleep 0.1; done`), User: "mail",
		Health: &initspec.Health{Test: []string{"CMD-SHELL", "test $(id -un) = mail && test ! -e /tmp/sick"}, Interval: 200 * time.Millisecond, Retries: 2},
	}, nil)
	c.started(t, "up")
	healthy := func(want string) {
		t.Helper()
		c.until(t, want, func(s initspec.State) bool { return s.Health.Status == want })
	}
	status := func(want string) {
		t.Helper()
		for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
			i, _, err := c.server.GetInstance(c.name)
			if err != nil {
				t.Fatal(err)
			}
			if i.Status == want {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("Incus says %s and not %s", i.Status, want)
			}
		}
	}
	healthy(initspec.HealthHealthy)
	status("Ready")
	c.exec(t, "touch", "/tmp/sick")
	healthy(initspec.HealthUnhealthy)
	status("Running")
}
