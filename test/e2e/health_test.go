//go:build incus

package e2e

import (
	"testing"
	"time"
)

func TestAFlappingHealthCheckMovesThroughTheStates(t *testing.T) {
	t.Parallel()
	// The first results come when the test wants them to.
	p := newProject(t, `
services:
  web:
    image: "busybox:1"
    command: [sleep, infinity]
    healthcheck:
      test: ["CMD-SHELL", "until [ -e /tmp/go ]; do sleep 0.1; done; echo looking; test -e /tmp/well"]
      interval: 1s
      timeout: 10m
      retries: 3
      start_period: 3s
      start_interval: 500ms
`)
	begin := time.Now()
	p.ok("up", "-d")

	until := func(want, status string) time.Duration {
		t.Helper()
		p.untilHealth("web", want, status)

		return time.Since(begin)
	}

	until("starting", "Running")
	p.inside("web", "touch /tmp/go")

	// 3 s of grace, then three failures a second apart. With the intervals of a check that names none it would be minutes.
	if took := until("unhealthy", "Running"); took < 4*time.Second {
		t.Errorf("unhealthy after %s, want about 6 s", took)
	}

	p.inside("web", "touch /tmp/well")
	until("healthy", "Ready")

	begin = time.Now()

	p.inside("web", "rm /tmp/well")

	if took := until("unhealthy", "Running"); took < time.Second {
		t.Errorf("unhealthy again after %s, want about 3 s", took)
	}
}
