//go:build incus

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// notes is a project with resources of a kind that the plugin of examples/plugin-note brings.
const notes = `
services:
  web:
    image: busybox:1
    command: [sleep, infinity]
    init: false
    stop_grace_period: 0s
x-icc:
  resources:
    motd:
      kind: note
      config: {text: Welcome}
    reply:
      kind: note
      config: {text: Thanks}
      depends_on: [note/motd, web]
`

// notePlugin builds the example plugin into a plugin directory of the project.
func (p *project) notePlugin() string {
	p.t.Helper()

	dir := filepath.Join(p.dir, "plugins")
	p.must(os.Mkdir(dir, 0o755))

	build := exec.Command("go", "build", "-o", filepath.Join(dir, pluginPrefix+"note"), "./examples/plugin-note")
	build.Dir = repository()

	if out, err := build.CombinedOutput(); err != nil {
		p.t.Fatalf("building the plugin: %v\n%s", err, out)
	}

	return dir
}

// note is the file that a note is kept in.
func (p *project) note(name string) string {
	return filepath.Join(os.TempDir(), "icc-e2e-home", ".cache", "icc", "plugin", "note", "notes", p.name, name+".txt")
}

func (p *project) noteSays(name, want string) {
	p.t.Helper()

	if text, err := os.ReadFile(p.note(name)); err != nil || string(text) != want {
		p.t.Errorf("note %s says %q (%v), want %q", name, text, err, want)
	}
}

func (p *project) noNotes() {
	p.t.Helper()

	if found, err := filepath.Glob(p.note("*")); err != nil || len(found) > 0 {
		p.t.Errorf("there are notes: %v %v", found, err)
	}
}

func TestResourcesOfThirdParties(t *testing.T) {
	t.Parallel()
	p := newProject(t, notes)
	plugins := []string{"--plugin-dir", p.notePlugin()}
	icc := func(args ...string) result { return p.ok(append(plugins, args...)...) }

	plan := p.looks(true, append(plugins, "plan")...)
	for _, want := range []string{"note", "motd", "reply", "does not exist"} {
		if !strings.Contains(plan, want) {
			t.Errorf("the plan does not say %q:\n%s", want, plan)
		}
	}

	p.noNotes()
	icc("up", "-d")
	p.noteSays("motd", "Welcome")
	p.noteSays("reply", "Thanks")

	if out := icc("plan").stdout; !strings.Contains(out, "Nothing to do") {
		t.Errorf("all is up and the plan says\n%s", out)
	}

	p.write("compose.yaml", strings.ReplaceAll(notes, "Welcome", "Good evening"))

	if out := p.looks(true, append(plugins, "plan")...); !strings.Contains(out, "text: Welcome -> Good evening (live)") {
		t.Errorf("the plan does not show the new text:\n%s", out)
	}

	icc("up", "-d")
	p.noteSays("motd", "Good evening")

	p.remove("compose.yaml")
	icc("-p", p.name, "down")
	p.noNotes()
	p.leavesNothing()
}

func TestDeclarationsThatTheirPluginCannotRead(t *testing.T) {
	t.Parallel()

	for name, tt := range map[string]struct {
		motd string
		want []string
	}{
		"an unknown field": {"{kind: note, config: {text: Welcome, colour: red}}", []string{
			"compose.yaml:", "x-icc.resources.motd.config.colour: unknown field", "icc plugin info note"}},
		"a missing field": {"{kind: note}", []string{"x-icc.resources.motd.config.text: required, but missing"}},
		"a wrong type":    {"{kind: note, config: {text: [a]}}", []string{"x-icc.resources.motd.config.text: a list instead of a string"}},
		"an unknown kind": {"{kind: letter}", []string{"x-icc.resources.motd", `no plugin offers the kind "letter"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t, notes)
			dir := p.notePlugin()
			p.write("compose.yaml", strings.Replace(notes, "motd:\n      kind: note\n      config: {text: Welcome}\n", "motd: "+tt.motd+"\n", 1))
			p.fails(1, []string{"--plugin-dir", dir, "up", "-d"}, append(tt.want, "hint: ")...)
			p.noNotes()
			p.leavesNothing()
		})
	}
}

func TestAPluginSaysWhatItsKindsTake(t *testing.T) {
	t.Parallel()
	p := newProject(t, notes)

	if out := p.ok("--plugin-dir", p.notePlugin(), "plugin", "info", "note").stdout; !strings.Contains(out, "string, required") {
		t.Errorf("plugin info does not show the fields:\n%s", out)
	}
}
