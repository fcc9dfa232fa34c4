//go:build incus

package e2e

import (
	"strings"
	"testing"
	"time"
)

// sleeper is a project of two services where nothing has to be waited for.
const sleeper = `
services:
  web:
    image: busybox:1
    command: [sleep, infinity]
    depends_on: [db]
  db:
    image: busybox:1
    command: [sleep, infinity]
`

func TestUpMakesAProjectAndDownRemovesIt(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)

	r := p.ok("up", "-d")
	if r.stdout != "" {
		t.Errorf("progress belongs on standard error, standard output has:\n%s", r.stdout)
	}

	for _, text := range []string{p.instance("web", 1), p.instance("db", 1), "Started", "steps done in"} {
		if !strings.Contains(r.stderr, text) {
			t.Errorf("the progress does not say %q:\n%s", text, r.stderr)
		}
	}

	p.wantInstances(p.instance("web", 1)+" running", p.instance("db", 1)+" running")

	p.ok("down")
	p.leavesNothing()
}

func TestUpAgainChangesNothing(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  web:
    image: busybox:1
    command: [sh, -c, "trap 'exit 0' TERM; sleep infinity & wait"]
    ports: ["0:80"]
    environment: {MULTI: "two words", DOLLAR: "a$$b"}
    volumes: ["data:/data", "./here:/here"]
    networks: [front, back]
    secrets: [word]
    configs: [settings]
    labels: {who: me}
    mem_limit: 64m
    healthcheck: {test: [CMD, "true"]}
networks: {front: {}, back: {internal: true}}
volumes: {data: {}}
secrets: {word: {file: ./word}}
configs: {settings: {content: "a: b"}}
`)
	p.write("word", "open sesame")
	p.write("here/file", "")
	p.ok("up", "-d")

	before := p.instances()

	p.changesNothing("up -d of an unchanged project", func() {
		if r := p.ok("up", "-d"); !strings.Contains(r.stderr, "Nothing to do") {
			t.Errorf("a second up found something to do:\n%s", r.stderr)
		}
	})

	for name, now := range p.instances() {
		if was := before[name]; was.CreatedAt != now.CreatedAt || was.LastUsedAt != now.LastUsedAt {
			t.Errorf("%s was made or started anew", name)
		}
	}
}

func TestDownOfNothingIsNoError(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)
	p.changesNothing("down of a project that does not exist", func() { p.ok("down") })
}

func TestUpStartsWhatWasStopped(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)
	p.ok("up", "-d")
	p.ok("stop", "web")
	p.wantInstances(p.instance("web", 1)+" stopped", p.instance("db", 1)+" running")
	p.ok("up", "-d")
	p.wantInstances(p.instance("web", 1)+" running", p.instance("db", 1)+" running")
}

func TestUpNoStartCreatesOnly(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)
	p.ok("up", "--no-start")
	p.wantInstances(p.instance("web", 1)+" stopped", p.instance("db", 1)+" stopped")

	if rows := p.ps("web"); len(rows) != 1 || rows[0].State != "created" || rows[0].Status != "Created" {
		t.Errorf("ps -a shows what was never started as %+v", rows)
	}

	if out := p.ok("ls", "-a").stdout; !strings.Contains(out, p.name+" ") || !strings.Contains(out, "created(2)") {
		t.Errorf("ls -a shows\n%s", out)
	}

	p.ok("start")
	p.wantInstances(p.instance("web", 1)+" running", p.instance("db", 1)+" running")
}

func TestDependentsStartWhenWhatTheyNeedIsHealthy(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  web:
    image: busybox:1
    command: [sh, -c, "date +%s%N > /now; mv /now /started; sleep infinity"]
    depends_on: {db: {condition: service_healthy}}
  db:
    image: busybox:1
    command: [sh, -c, "sleep 2; date +%s%N > /now; mv /now /ready; sleep infinity"]
    healthcheck: {test: [CMD, test, -e, /ready], interval: 200ms, retries: 1000}
`)
	p.ok("up", "-d")

	// What web has to run comes a moment after its start.
	started := ""
	eventually(t, 15*time.Second, func() string {
		started = p.inside("web", "cat /started 2>/dev/null || true")
		if started == "" {
			return "web has not said when it started"
		}

		return ""
	})

	ready := p.inside("db", "cat /ready")
	if ready == "" || started < ready {
		t.Errorf("web started at %s, db was healthy at %s", started, ready)
	}
}

func TestUpFailsWhenADependencyStaysUnhealthy(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  web:
    image: busybox:1
    command: [sleep, infinity]
    depends_on: {db: {condition: service_healthy}}
  db:
    image: busybox:1
    command: [sleep, infinity]
    healthcheck: {test: [CMD, "false"], interval: 200ms, retries: 10}
`)
	r := p.fails(1, []string{"up", "-d"}, "db", "hint: ")
	if strings.Contains(r.stderr, p.instance("web", 1)+"  Started") {
		t.Errorf("web started although db is unhealthy:\n%s", r.stderr)
	}

	p.wantInstances(p.instance("web", 1)+" stopped", p.instance("db", 1)+" running")
}
