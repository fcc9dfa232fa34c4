//go:build incus

package e2e

import (
	"strings"
	"testing"
	"time"
)

func TestAnImageThatBootsS6KeepsItsOwnInit(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  app:
    image: s6
    environment: {WHOSE: ours}
    # A stop that it did not hear would hang.
    stop_grace_period: 1h
    healthcheck: {test: [CMD, s6-svok, /run/s6/services/web], interval: 1s, retries: 600}
`)
	p.ok("up", "-d", "--wait")

	if row := p.ps("app")[0]; row.State != "running" || row.Health != "healthy" {
		t.Errorf("app: %+v", row)
	}

	if got := p.inside("app", "cat /proc/1/comm; echo $WHOSE; id -u"); got != "s6-svscan\nours\n0" {
		t.Errorf("PID 1, its environment and its user are %q", got)
	}

	if out := p.ok("top").stdout; !strings.Contains(out, "s6-supervise web") {
		t.Errorf("top shows\n%s", out)
	}

	p.logged("app", "web is up as process", "of ours")

	p.ok("restart")
	p.untilState("app", "running")
	p.until(20*time.Second, "web is up for the second time", func() (string, bool) {
		out := p.ok("logs", "--no-log-prefix", "app").stdout

		return out, strings.Count(out, "web is up as process") == 2
	})

	p.ok("stop")
	p.untilState("app", "exited")

	p.ok("start")
	p.untilState("app", "running")

	// Its log may lack the last output before an end; the file is whole.
	if got := p.inside("app", "cat /ended"); got != "web has gone\nweb has gone" {
		t.Errorf("restart and stop did not end s6 in order: of its service came %q", got)
	}
}

// logged waits until a service's log has all texts.
func (p *project) logged(service string, texts ...string) {
	p.t.Helper()
	p.until(20*time.Second, service+" says "+strings.Join(texts, " and "), func() (string, bool) {
		r := p.ok("logs", "--no-log-prefix", service)
		out := r.stdout + r.stderr

		for _, text := range texts {
			if !strings.Contains(out, text) {
				return out, false
			}
		}

		return out, true
	})
}
