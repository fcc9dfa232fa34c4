//go:build incus

package e2e

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestBringingUpNothingIsAnErrorAndMakesNothing(t *testing.T) {
	t.Parallel()

	for name, tt := range map[string]struct {
		compose string
		words   []string
	}{
		"no services":         {"services: {}", []string{"no services", "hint: "}},
		"all behind profiles": {`services: {web: {image: "busybox:1", profiles: [tools]}}`, []string{"no service is selected", "--profile", "tools"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t, tt.compose)
			p.changesNothing("up", func() { p.fails(1, []string{"up", "-d"}, tt.words...) })
			p.changesNothing("plan", func() { p.fails(1, []string{"plan"}, tt.words...) })
		})
	}
}

func TestBuildingAndPullingNothingMakesNothing(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)
	p.changesNothing("build", func() {
		if r := p.ok("build"); !strings.Contains(r.stderr, "no image to build") {
			t.Errorf("%s", r)
		}
	})
	p.write("compose.yaml", `services: {web: {build: .}}`)
	p.changesNothing("pull", func() {
		if r := p.ok("pull"); !strings.Contains(r.stderr, "no image to pull") {
			t.Errorf("%s", r)
		}
	})
}

func TestDownWorksWithAFileThatUpRefuses(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)
	p.ok("up", "-d")
	p.write("compose.yaml", `services: {web: {image: "busybox:"}}`)
	p.fails(1, []string{"up", "-d"}, "not an image reference")
	p.ok("down")
	p.wantInstances()
}

func TestExecRefusesADirectoryThatIsNotThere(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)
	p.ok("up", "-d", "--no-deps", "web")
	p.fails(1, []string{"exec", "-w", "/nope", "web", "pwd"}, "/nope", "does not exist", "hint: ")

	if got := p.ok("exec", "-w", "/tmp", "web", "pwd").stdout; got != "/tmp\n" {
		t.Errorf("pwd prints %q", got)
	}
}

func TestRunsOfOneProjectTakeTurns(t *testing.T) {
	t.Parallel()
	// The first run of each goes on until the test lets it.
	p := newProject(t, `
services:
  slow:
    image: busybox:1
    command: [sh, -c, "trap 'until test -e /here/down; do sleep 0.1; done; exit 0' TERM; while :; do sleep 0.1; done"]
    volumes: ["./here:/here"]
    stop_grace_period: 10m
    healthcheck: {test: [CMD, test, -e, /here/up], interval: 200ms, retries: 10000}
  after: {image: "busybox:1", command: [sleep, infinity], stop_grace_period: 0s, depends_on: {slow: {condition: service_healthy}}}
`)
	p.write("here/log", "")

	for _, turn := range []struct {
		args        []string
		holds, goOn string
	}{{[]string{"up", "-d"}, "Waiting", "here/up"}, {[]string{"down"}, p.instance("slow", 1) + "  Stopping", "here/down"}} {
		runs := []*running{p.start(turn.args...)}
		runs[0].says(turn.holds)

		for range 2 {
			next := p.start(turn.args...)
			next.says("waiting for it to finish")
			runs = append(runs, next)
		}

		p.write(turn.goOn, "")

		for _, r := range runs {
			if got := r.wait(patience); got.code != 0 {
				t.Error(got)
			}
		}
	}

	p.wantInstances()
}

func TestFishCompletesServicesAndFlags(t *testing.T) {
	t.Parallel()

	fish, err := exec.LookPath("fish")
	if err != nil {
		return // only bash is on every machine
	}

	icc, err := iccPath()
	if err != nil {
		t.Fatal(err)
	}

	p := newProject(t, sleeper)

	for line, want := range map[string]string{"icc logs w": "web", "icc up --remo": "--remove-orphans", "icc exe": "exec", "icc -f comp": "compose.yaml"} {
		command := p.host.Command(t, fish, "--no-config", "-c", "set -p PATH "+filepath.Dir(icc)+"; icc completion fish | source; complete -C '"+line+"'")
		command.Dir, command.Env = p.dir, p.environment(command.Env)

		var stderr strings.Builder

		command.Stderr = &stderr // fish warns of what is missing on the machine

		output, err := command.Output()
		if err != nil || strings.TrimSpace(string(output)) != want {
			t.Errorf("%s: %q, %v; want %q; standard error:\n%s", line, output, err, want, &stderr)
		}
	}
}
