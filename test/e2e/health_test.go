//go:build incus

package e2e

import (
	"testing"
	"time"
)

func TestAFlappingHealthCheckMovesThroughTheStates(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  web:
    image: "busybox:1"
    command: [sleep, infinity]
    healthcheck: {test: ["CMD-SHELL", "echo looking; test -e /tmp/well"], interval: 1s, retries: 3, start_period: 3s, start_interval: 500ms}
`)
	p.ok("up", "-d")

	begin := time.Now()
	health := func(want string) time.Duration {
		t.Helper()
		p.until(20*time.Second, "web is "+want, func() (string, bool) {
			got := p.ps("web")[0].Health

			return got, got == want
		})

		return time.Since(begin)
	}

	health("starting")

	// 3 s of grace, then three failures a second apart.
	if took := health("unhealthy"); took < 4*time.Second || took > 12*time.Second {
		t.Errorf("unhealthy after %s, want about 6 s", took)
	}

	begin = time.Now()

	p.inside("web", "touch /tmp/well")

	if took := health("healthy"); took > 5*time.Second {
		t.Errorf("healthy again after %s, want about 1 s", took)
	}

	if status := p.instances()[p.instance("web", 1)].Status; status != "Ready" {
		t.Errorf("Incus calls a healthy instance %s", status)
	}

	begin = time.Now()

	p.inside("web", "rm /tmp/well")

	if took := health("unhealthy"); took < time.Second || took > 10*time.Second {
		t.Errorf("unhealthy again after %s, want about 3 s", took)
	}

	if status := p.instances()[p.instance("web", 1)].Status; status != "Running" {
		t.Errorf("Incus calls an unhealthy instance %s", status)
	}
}
