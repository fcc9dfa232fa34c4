//go:build incus

package e2e

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestConfig(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  web:
    image: ${IMAGE:-busybox}:1
    environment: {WORD: "${WORD}"}
    networks: [front]
    volumes: ["data:/data"]
  debug: {image: "busybox:1", profiles: [debug]}
networks: {front: {}}
volumes: {data: {}}
`)
	p.write(".env", "WORD=from dot env\n")

	t.Run("prints the project as it is understood", func(t *testing.T) {
		out := p.ok("config").stdout
		for _, want := range []string{"name: " + p.name, "image: busybox:1", "WORD: from dot env"} {
			if !strings.Contains(out, want) {
				t.Errorf("there is no %q in\n%s", want, out)
			}
		}

		if strings.Contains(out, "debug") {
			t.Errorf("a service of an inactive profile is printed:\n%s", out)
		}
	})
	t.Run("warns of variables without a value, apart from the project", func(t *testing.T) {
		r := p.piped("services: {web: {image: \"busybox:1\", user: \"${NOBODY_SET_THIS}\"}}", "-f", "-", "config")
		if r.code != 0 || !strings.Contains(r.stderr, "NOBODY_SET_THIS") || strings.Contains(r.stdout, "NOBODY_SET_THIS") {
			t.Error(r)
		}

		if r := p.piped("services: {web: {image: \"busybox:1\", user: \"${NOBODY_SET_THIS}\"}}", "-f", "-", "config", "--no-interpolate"); r.stderr != "" {
			t.Error(r)
		}
	})
	t.Run("prints JSON", func(t *testing.T) {
		var model struct {
			Name     string
			Services map[string]struct{ Image string }
		}
		p.must(json.Unmarshal([]byte(p.ok("config", "--format", "json").stdout), &model))

		if model.Name != p.name || model.Services["web"].Image != "busybox:1" {
			t.Errorf("the model is %+v", model)
		}
	})
	t.Run("prints lists", func(t *testing.T) {
		for flag, want := range map[string]string{
			"--services": "web\n", "--volumes": "data\n", "--images": "busybox:1\n", "--profiles": "debug\n",
		} {
			if got := p.ok("config", flag).stdout; got != want {
				t.Errorf("config %s prints %q, want %q", flag, got, want)
			}
		}
	})
	t.Run("prefers the environment, and reads the files that it is given", func(t *testing.T) {
		p.write("other.env", "WORD=from other env\n")

		if out := p.ok("--env-file", "other.env", "config").stdout; !strings.Contains(out, "from other env") {
			t.Errorf("--env-file is ignored:\n%s", out)
		}

		command := p.command("config")
		command.Env = append(command.Env, "WORD=from outside")

		if r := p.run(command, "", []string{"config"}); !strings.Contains(r.stdout, "from outside") {
			t.Errorf("the environment is ignored: %s", r)
		}
	})
	t.Run("reads standard input", func(t *testing.T) {
		r := p.piped("services: {piped: {image: \"busybox:1\"}}", "-f", "-", "config", "--services")
		if r.code != 0 || r.stdout != "piped\n" {
			t.Error(r)
		}
	})
	t.Run("merges several files and the overlay for Incus", func(t *testing.T) {
		p.write("compose.incus.yaml", "services: {web: {environment: {OVERLAY: yes please}}}")
		p.write("more.yaml", "services: {more: {image: \"busybox:1\"}}")

		if out := p.ok("config").stdout; !strings.Contains(out, "OVERLAY: yes please") {
			t.Errorf("compose.incus.yaml is ignored:\n%s", out)
		}

		if got := p.ok("-f", "compose.yaml", "-f", "more.yaml", "config", "--services").stdout; got != "more\nweb\n" && got != "web\nmore\n" {
			t.Errorf("-f -f config --services prints %q", got)
		}
	})
}

func TestWhatNeedsNoPluginStartsNone(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)
	dir := p.standIn("project", "crash")

	for _, args := range [][]string{{"--help"}, {"up", "--help"}, {"version"}, {"config"}, {"completion", "bash"}} {
		p.ok(append([]string{"--plugin-dir", dir}, args...)...)

		if started(dir, "project") {
			t.Fatalf("icc %s starts plugins", strings.Join(args, " "))
		}
	}

	// And plan, which needs it, starts it from that folder.
	p.fails(1, []string{"--plugin-dir", dir, "plan"})

	if !started(dir, "project") {
		t.Error("plan did not start the plugin, so this test proves nothing")
	}
}
