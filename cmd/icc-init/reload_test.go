//go:build incus

package main_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/icc-project/icc/sdk/initspec"
)

// order writes other orders, as the plugin does, and returns their digest.
func (c container) order(t *testing.T, spec initspec.Spec) string {
	t.Helper()
	spec.Version = initspec.Version
	raw, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	inst, etag, err := c.server.GetInstance(c.name)
	if err != nil {
		t.Fatal(err)
	}
	inst.Config[initspec.Key] = string(raw)
	done(t)(c.server.UpdateInstance(c.name, inst.InstancePut, etag))
	return initspec.Digest(raw)
}

// reload makes the orders count; they have to be in force afterwards.
func (c container) reload(t *testing.T, spec initspec.Spec) {
	t.Helper()
	digest := c.order(t, spec)
	begin := time.Now()
	if code, _, errOut := c.exec(t, initspec.Path, initspec.AppletReload); code != initspec.ReloadDone || errOut != "" {
		t.Errorf("reload ends with %d, %s", code, errOut)
	}
	t.Logf("reload took %v", time.Since(begin))
	if s := c.state(t); s.Orders != digest {
		t.Errorf("the orders in force are %q, want %q", s.Orders, digest)
	}
}

func TestOrdersChangeWhileTheCommandRuns(t *testing.T) {
	t.Parallel()
	spec := initspec.Spec{
		Argv:  sh(`trap 'echo usr1; exit 3' USR1; trap 'echo term; exit 0' TERM; echo up; while :; do echo tick; sleep 0.1; done`),
		Hosts: []string{"db=10.9.9.1"}, ReadOnly: true,
		Health: &initspec.Health{Test: []string{"CMD", "true"}, Interval: time.Minute},
	}
	c := newBench(t).create(t, "busybox", spec, nil)
	c.started(t, "up")
	before := c.until(t, "healthy", func(s initspec.State) bool { return s.Health.Status == initspec.HealthHealthy })
	if before.Orders == "" {
		t.Error("the state tells of no orders")
	}

	spec.Hosts, spec.DNSOptions = []string{"db=10.9.9.2", "cache=10.9.9.3"}, []string{"ndots:3"}
	spec.Health = &initspec.Health{Test: []string{"CMD-SHELL", "echo no; exit 1"}, Interval: 100 * time.Millisecond, Retries: 1}
	spec.StopSignal, spec.Grace = "USR1", grace(time.Minute)
	spec.Restart, spec.Log.Disabled = initspec.Restart{Policy: initspec.RestartOnFailure}, true
	c.reload(t, spec)
	c.until(t, "unhealthy", func(s initspec.State) bool { return s.Health.Status == initspec.HealthUnhealthy })
	if _, hosts, _ := c.exec(t, "cat", "/etc/hosts", "/etc/resolv.conf"); strings.Contains(hosts, "10.9.9.1") ||
		!strings.Contains(hosts, "10.9.9.2\tdb\n10.9.9.3\tcache\n") || !strings.Contains(hosts, "ndots:3") || !strings.Contains(hosts, "nameserver") {
		t.Errorf("the files are %s", hosts)
	}
	lines := strings.Count(c.output(t, ""), "tick")
	time.Sleep(300 * time.Millisecond)
	if now := strings.Count(c.output(t, ""), "tick"); now != lines {
		t.Errorf("the log goes on: %d lines, and then %d", lines, now)
	}

	spec.DNSOptions, spec.Health, spec.Log = nil, nil, initspec.Log{}
	c.reload(t, spec)
	s := c.until(t, "without a health", func(s initspec.State) bool { return s.Health == nil })
	if s.PID != before.PID || !s.StartedAt.Equal(before.StartedAt) || s.Restarts != 0 {
		t.Errorf("the command was restarted: %+v", s)
	}
	if _, resolver, _ := c.exec(t, "cat", "/etc/resolv.conf"); strings.Contains(resolver, "ndots:3") {
		t.Errorf("the resolver's file is %s", resolver)
	}
	if code, _, errOut, err := c.fed(t, "", initspec.Path, initspec.AppletKill, "KILL"); code != 0 && !torn(code, err) {
		t.Fatal(errOut)
	}
	// A kill ends it for good whatever the policy; the next life has all orders from the start.
	if s := c.untilEnd(t); s.Restarts != 0 {
		t.Errorf("it was restarted after a kill: %+v", s)
	}
}

func TestTheNewPolicyAndTheNewStopSignalCountAtTheNextEnd(t *testing.T) {
	t.Parallel()
	spec := initspec.Spec{Argv: sh(`trap 'echo usr1; exit 0' USR1; trap 'echo term; exit 1' TERM; echo up; n=0; while [ ! -e /tmp/fail ]; do sleep 0.05; done; rm /tmp/fail; exit 4`)}
	c := newBench(t).create(t, "busybox", spec, nil)
	c.started(t, "up")
	spec.Restart, spec.StopSignal = initspec.Restart{Policy: initspec.RestartOnFailure}, "USR1"
	c.reload(t, spec)
	_, _, _, _ = c.fed(t, "", "touch", "/tmp/fail") // may be ended with the command
	s := c.until(t, "running again, with its traps", func(s initspec.State) bool {
		return s.Restarts == 1 && s.Phase == initspec.PhaseRunning && c.output(t, "") == "up\nup\n"
	})
	if s.ExitCode != 4 {
		t.Errorf("got %+v", s)
	}
	c.stop(t)
	if out := c.output(t, ""); out != "up\nup\nusr1\n" {
		t.Errorf("the log has %q", out)
	}
}

func TestWhatOnlyAStartCanChangeWaitsForIt(t *testing.T) {
	t.Parallel()
	spec := initspec.Spec{Argv: sh(`echo $WORD; trap 'exit 0' TERM; while :; do sleep 0.1; done`), Env: []string{"WORD=first", "PATH=/bin"}}
	c := newBench(t).create(t, "busybox", spec, nil)
	c.started(t, "first")
	old := c.state(t).Orders
	spec.Env[0], spec.Restart.Policy = "WORD=second", initspec.RestartAlways
	digest := c.order(t, spec)
	if code, _, errOut := c.exec(t, initspec.Path, initspec.AppletReload); code != initspec.ReloadRestart || c.state(t).Orders != old {
		t.Errorf("reload ends with %d, %s, and the orders are %q, before %q", code, errOut, c.state(t).Orders, old)
	}
	c.stop(t)
	c.started(t, "second")
	if got := c.state(t).Orders; got != digest {
		t.Errorf("after a start the orders are %q, want %q", got, digest)
	}
}

func TestAnImagesOwnInitHasItsHealthAndLogChanged(t *testing.T) {
	t.Parallel()
	spec := initspec.Spec{Argv: sh(`trap 'exit 0' TERM; echo up; while :; do sleep 0.1; done`), Takeover: true}
	c := newBench(t).create(t, "busybox", spec, nil)
	c.started(t, "up")
	spec.Hosts = []string{"db=10.9.9.1"}
	spec.Resolvers = []string{"10.9.9.2", "10.9.9.3", "10.9.9.4"}
	spec.Health = &initspec.Health{Test: []string{"CMD", "true"}, Interval: 200 * time.Millisecond}
	c.reload(t, spec)
	s := c.until(t, "healthy", func(s initspec.State) bool { return s.Health != nil && s.Health.Status == initspec.HealthHealthy })
	if s.PID != 1 {
		t.Errorf("got %+v", s)
	}
	if _, hosts, _ := c.exec(t, "cat", "/etc/hosts"); !strings.Contains(hosts, "10.9.9.1\tdb\n") {
		t.Errorf("the file is %s", hosts)
	}
	const servers = "nameserver 127.0.0.11\nnameserver 10.9.9.2\nnameserver 10.9.9.3\n"
	if _, resolver, _ := c.exec(t, "cat", "/etc/resolv.conf"); !strings.HasPrefix(resolver, servers) || strings.Count(resolver, "nameserver") != 3 {
		t.Errorf("the resolver's file is %s", resolver)
	}
	if _, sockets, _ := c.exec(t, "cat", "/proc/net/udp", "/proc/net/tcp"); strings.Count(sockets, "0B00007F:0035") != 2 {
		t.Errorf("the sockets are %s", sockets)
	}
}
