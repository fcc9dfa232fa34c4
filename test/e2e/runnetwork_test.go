//go:build incus

package e2e

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestRunsLeaveTheNetworkAsItIs(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  web: {image: "busybox:1", command: [sleep, infinity], stop_grace_period: 0s}
  job: {image: "busybox:1", command: [sleep, infinity], stop_grace_period: 0s}
`)
	p.ok("up", "-d", "web")

	unchanged := func() {
		t.Helper()

		if out := p.ok("plan", "web").stdout; !strings.Contains(out, "Nothing to do") {
			t.Errorf("plan shows\n%s", out)
		}
	}
	name := p.name + "-first"
	script := "trap 'exit 0' TERM; hostname -i; until nslookup web >/dev/null; do sleep 0.1; done; echo found; while :; do sleep 0.1; done"
	first := p.start("run", "--rm", "-T", "--name", name, "job", "sh", "-c", script)
	second := p.start("run", "--rm", "-T", "job", "sh", "-c", script)
	first.prints("found")
	second.prints("found")
	unchanged()

	if r := p.icc("exec", "-T", "web", "nslookup", name); r.code == 0 {
		t.Errorf("an instance of run has a name: %s", r)
	}

	first.signal(syscall.SIGTERM)
	second.signal(syscall.SIGTERM)

	a, b := first.wait(30*time.Second), second.wait(30*time.Second)
	if a.code != 0 || b.code != 0 {
		t.Errorf("the runs end with %s\n%s", a, b)
	}

	if strings.Contains(a.stderr+b.stderr, "Network") {
		t.Errorf("the network was changed: %s\n%s", a, b)
	}

	address := p.inside("web", "hostname -i")
	if a.stdout == b.stdout || strings.HasPrefix(a.stdout, address+"\n") || strings.HasPrefix(b.stdout, address+"\n") {
		t.Errorf("web is %s, the others %s\n%s", address, a, b)
	}

	unchanged()

	if out := p.ok("run", "--rm", "-T", "--use-aliases", "job", "sh", "-c", "until nslookup job >/dev/null; do sleep 0.1; done; echo found").stdout; out != "found\n" {
		t.Errorf("--use-aliases: %q", out)
	}
}
