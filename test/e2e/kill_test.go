//go:build incus

package e2e

import (
	"strings"
	"testing"
	"time"
)

func TestKill(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  patient:
    image: busybox:1
    command: [sh, -c, "trap 'echo reloading' HUP; trap '' TERM; echo ready; while :; do sleep 0.1; done"]
    restart: always
  other: {image: "busybox:1", command: [sleep, infinity]}
  first: {image: "busybox:1", init: false, command: [sleep, infinity]}
`)
	p.ok("up", "-d")
	eventually(t, 10*time.Second, func() string { return p.lacks("patient", "ready") })

	p.ok("kill", "-s", "HUP", "patient")
	eventually(t, 10*time.Second, func() string { return p.lacks("patient", "reloading") })

	if row := p.ps("patient")[0]; row.State != "running" {
		t.Errorf("patient: %+v", row)
	}

	p.ok("kill", "first") // which is PID 1 itself
	p.untilState("first", "exited")

	p.ok("kill", "patient")
	p.untilState("patient", "exited")

	if row := p.ps("patient")[0]; row.ExitCode != 137 || !strings.HasPrefix(row.Status, "Exited (137) ") {
		t.Errorf("patient: %+v", row)
	}

	if row := p.ps("other")[0]; row.State != "running" {
		t.Errorf("other: %+v", row)
	}

	p.ok("kill", "--signal=15")
	p.untilState("other", "exited")

	if r := p.ok("kill"); !strings.Contains(r.stderr, "nothing is running") {
		t.Error(r)
	}

	p.fails(2, []string{"kill", "-s", "SIGNONE"}, "SIGNONE", "hint: ")
	p.fails(1, []string{"kill", "nobody"}, `"nobody"`, "hint: ")
}

// lacks says what a service's log is when it does not have a text.
func (p *project) lacks(service, text string) string {
	p.t.Helper()

	if out := p.ok("logs", service).stdout; !strings.Contains(out, text) {
		return "there is no " + text + " in\n" + out
	}

	return ""
}
