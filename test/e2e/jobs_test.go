//go:build incus

package e2e

import (
	"strings"
	"testing"
	"time"
)

const migration = `
services:
  migrate: {image: "busybox:1", command: [sh, -c, "echo step one; sleep 1; echo step two; exit ${CODE:-0}"]}
  web:
    image: "busybox:1"
    command: [sleep, infinity]
    depends_on: {migrate: {condition: service_completed_successfully}}
`

func TestAMigrationGatesTheService(t *testing.T) {
	t.Parallel()
	p := newProject(t, migration)

	if r := p.ok("up", "-d"); r.elapsed < time.Second {
		t.Errorf("web did not wait for the migration: %s", r)
	}

	if row := p.ps("migrate")[0]; row.State != "exited" || row.ExitCode != 0 {
		t.Errorf("migrate: %+v", row)
	}

	if row := p.ps("web")[0]; row.State != "running" {
		t.Errorf("web: %+v", row)
	}
}

func TestAFailedMigrationStopsUpWithItsLastLines(t *testing.T) {
	t.Parallel()
	p := newProject(t, migration)
	p.env = append(p.env, "CODE=3")
	p.fails(1, []string{"up", "-d"}, "migrate", "step two", "3", "web")

	for _, row := range p.ps("web") {
		if row.State == "running" {
			t.Errorf("web runs although its migration failed: %+v", row)
		}
	}

	p.ok("stop") // has the server see the end: else up takes the instance for one that runs, and only waits
	r := p.fails(1, []string{"up", "-d"}, "services.migrate: ", "; its last lines:\nstep one\nstep two\n")
	if n := strings.Count(r.stderr, "step two"); n != 1 {
		t.Errorf("the error about the second attempt has the output of %d attempts:\n%s", n, r.stderr)
	}
}

func TestAWaitEndsAtOnceWhenTheDependencyEnds(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  db:
    image: "busybox:1"
    command: [sh, -c, "echo cannot open the database; sleep 1; exit 5"]
    healthcheck: {test: ["CMD", "false"], interval: 1s, start_period: 1h}
  web:
    image: "busybox:1"
    command: [sleep, infinity]
    depends_on: {db: {condition: service_healthy}}
`)

	// An up that went on waiting would hang.
	p.fails(1, []string{"up", "-d"}, "db", "web", "5", "cannot open the database")
}

func TestUpTakesTheExitCodeFromAService(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  db: {image: "busybox:1", command: [sleep, infinity]}
  test: {image: "busybox:1", command: [sh, -c, "echo testing; sleep 1; exit 42"], depends_on: [db]}
`)

	r := p.icc("up", "--exit-code-from", "test")
	if r.code != 42 || !strings.Contains(r.stdout+r.stderr, "testing") {
		t.Errorf("%s", r)
	}

	p.untilState("db", "exited")
}
