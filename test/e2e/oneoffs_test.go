//go:build incus

package e2e

import (
	"strings"
	"testing"
)

func TestCommandsWithoutNamesLeaveInstancesOfRunAlone(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  web:
    image: busybox:1
    command: [sleep, infinity]
    stop_grace_period: 0s
    pre_start: [{command: [sh, -c, "exit 4"]}]
`)
	p.fails(1, []string{"up", "-d"}, "exit code 4")

	name := strings.TrimSpace(p.ok("run", "-d", "--no-deps", "web", "sleep", "600").stdout)
	before := map[string]string{}

	for _, row := range p.ps() {
		before[row.Name] = row.State
	}

	if before[name] != "running" || before[p.instance("web-pre-start", 1)] != "exited" {
		t.Fatalf("there are %v", before)
	}

	for _, args := range [][]string{{"start"}, {"stop"}, {"restart"}, {"top"}, {"kill"}, {"kill", "web"}, {"up", "-d", "--no-start"}} {
		r := p.ok(args...)
		if strings.Contains(r.stdout+r.stderr, name) || strings.Contains(r.stdout+r.stderr, "pre-start") {
			t.Errorf("it has to do with instances of run: %s", r)
		}
	}

	for _, row := range p.ps() {
		if row.Name != p.instance("web", 1) && row.State != before[row.Name] {
			t.Errorf("%s was %s and is %s", row.Name, before[row.Name], row.State)
		}
	}

	p.ok("kill", name)
}
