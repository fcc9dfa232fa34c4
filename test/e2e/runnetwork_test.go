//go:build incus

package e2e

import (
	"strings"
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
	first := p.start("run", "--rm", "-T", "--name", name, "job", "sh", "-c", "hostname -i; nslookup web >/dev/null && echo found; sleep 5")
	second := p.start("run", "--rm", "-T", "job", "sh", "-c", "hostname -i; nslookup web >/dev/null && echo found; sleep 5")
	first.prints("found")
	second.prints("found")
	unchanged()

	if r := p.icc("exec", "-T", "web", "nslookup", name); r.code == 0 {
		t.Errorf("an instance of run has a name: %s", r)
	}

	a, b := first.wait(30*time.Second), second.wait(30*time.Second)
	if strings.Contains(a.stderr+b.stderr, "Network") {
		t.Errorf("the network was changed: %s\n%s", a, b)
	}

	address := p.inside("web", "hostname -i")
	if a.stdout == b.stdout || strings.HasPrefix(a.stdout, address+"\n") || strings.HasPrefix(b.stdout, address+"\n") {
		t.Errorf("web is %s, the others %s\n%s", address, a, b)
	}

	unchanged()

	if out := p.ok("run", "--rm", "-T", "--use-aliases", "job", "sh", "-c", "sleep 2; nslookup job >/dev/null && echo found").stdout; out != "found\n" {
		t.Errorf("--use-aliases: %q", out)
	}
}
