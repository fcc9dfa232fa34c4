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
	p := newProject(t, sleeper)

	for _, args := range [][]string{{"up", "-d"}, {"down"}} {
		results := make(chan result)
		for range 3 {
			go func() { results <- p.icc(args...) }()
		}

		waited := 0
		for range 3 {
			r := <-results
			if r.code != 0 {
				t.Errorf("%s", r)
			}

			if strings.Contains(r.stderr, "waiting for it to finish") {
				waited++
			}
		}

		if waited == 0 {
			t.Errorf("icc %q: nobody waited, so this proves nothing", args)
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

		output, err := command.CombinedOutput()
		if err != nil || strings.TrimSpace(string(output)) != want {
			t.Errorf("%s: %q, %v; want %q", line, output, err, want)
		}
	}
}
