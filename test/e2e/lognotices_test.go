//go:build incus

package e2e

import (
	"strings"
	"testing"
)

func TestLogsSayWhyThereAreNone(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  mute: {image: "busybox:1", command: [sh, -c, "echo into the void"], logging: {driver: none}}
`)

	if r := p.ok("up"); !strings.Contains(r.stderr, "warning: ") || !strings.Contains(r.stderr, `its logging driver is "none"`) {
		t.Errorf("up does not say that there is no log: %s", r)
	}

	for _, args := range [][]string{{"logs"}, {"logs", "-f"}} {
		r := p.ok(args...)
		if r.stdout != "" || !strings.Contains(r.stderr, `its logging driver is "none"`) {
			t.Errorf("%v does not say that there is no log: %s", args, r)
		}
	}
}
