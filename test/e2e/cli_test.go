//go:build incus

package e2e

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

func TestFlagsMayFollowArguments(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)
	p.ok("up", "web", "-d", "--no-deps")
	p.wantInstances(p.instance("web", 1) + " running")
	p.ok("up", "-d")

	if got := p.ok("ps", "web", "-q").stdout; got != p.instance("web", 1)+"\n" {
		t.Errorf("ps web -q prints %q", got)
	}

	p.ok("stop", "web", "-t", "1")
	p.ok("down", "--", "web")
	p.wantInstances(p.instance("db", 1) + " running")
}

func TestUsageErrors(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)

	for name, tt := range map[string]struct {
		args []string
		want []string
	}{
		"a command that does not exist":  {[]string{"dwon"}, []string{`"dwon"`, `did you mean "down"`}},
		"a flag that does not exist":     {[]string{"up", "--detatch"}, []string{"--detatch", "hint: ", "--detach"}},
		"a global flag that is unknown":  {[]string{"--projekt", "x", "up"}, []string{"projekt"}},
		"an argument where none belongs": {[]string{"ls", "x"}, []string{`"x"`, "hint: "}},
		"flags that exclude each other":  {[]string{"up", "--build", "--no-build"}, []string{"--no-build", "hint: "}},
		"a policy that does not exist":   {[]string{"up", "--pull", "sometimes"}, []string{"sometimes", "always", "hint: "}},
		"a shell that is unknown":        {[]string{"completion", "cmd"}, []string{"bash", "hint: "}},
		"images to remove that are none": {[]string{"down", "--rmi", "some"}, []string{"some", "hint: "}},
		"plugins in no directory":        {[]string{"--plugin-dir", "/no/such", "ls"}, []string{"/no/such", "hint: "}},
		"a progress that does not exist": {[]string{"--progress", "loud", "up"}, []string{"loud", "plain"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			q := *p
			q.t = t
			q.changesNothing(strings.Join(tt.args, " "), func() { q.fails(2, tt.args, tt.want...) })
		})
	}
}

func TestHelpAndVersion(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)

	for _, args := range [][]string{{"--help"}, {}, {"-h"}} {
		if out := p.ok(args...).stdout; !strings.Contains(out, "up ") || !strings.Contains(out, "--remote") {
			t.Errorf("icc %q prints\n%s", args, out)
		}
	}

	if out := p.ok("up", "--help").stdout; !strings.Contains(out, "--remove-orphans") {
		t.Errorf("icc up --help prints\n%s", out)
	}

	short := p.ok("version", "--short").stdout
	if strings.Count(short, ".") != 2 || !strings.Contains(p.ok("version").stdout, strings.TrimSpace(short)) ||
		!strings.Contains(p.ok("--version").stdout, strings.TrimSpace(short)) {
		t.Errorf("version --short prints %q", short)
	}

	var version struct{ Version string }
	p.must(json.Unmarshal([]byte(p.ok("version", "--format", "json").stdout), &version))

	if version.Version != strings.TrimSpace(short) {
		t.Errorf("version --format json says %q", version.Version)
	}
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)

	icc, err := iccPath()
	p.must(err)

	t.Run("of bash completes commands, flags and services", func(t *testing.T) {
		for line, want := range map[string]string{"icc pl": "plan", "icc up --remove-o": "--remove-orphans", "icc logs w": "web"} {
			words := strings.Fields(line)
			script := `source /dev/stdin; COMP_WORDS=(` + line + `); COMP_CWORD=$1; _icc; printf '%s\n' "${COMPREPLY[@]}"`
			command := p.host.Command(t, "bash", "-c", `icc() { `+icc+` "$@"; }; `+script, "-", string(rune('0'+len(words)-1)))
			command.Dir = p.dir
			command.Stdin = strings.NewReader(p.ok("completion", "bash").stdout)

			out, err := command.CombinedOutput()
			if err != nil || !strings.Contains("\n"+string(out), "\n"+want+"\n") {
				t.Errorf("%q is completed with %q, want %q (%v)", line, out, want, err)
			}
		}
	})

	t.Run("of zsh works from a folder of functions at the first key", func(t *testing.T) {
		if _, err := exec.LookPath("zsh"); err != nil {
			return // only bash is on every machine
		}

		p.write("functions/_icc", p.ok("completion", "zsh").stdout)

		// Only a shell with a terminal completes; what it calls then is called here.
		script := `fpath=(functions); autoload -Uz _icc; _describe() { print -l ${(P)2}; }; words=(` + icc + ` pl); CURRENT=2; _icc`
		command := p.host.Command(t, "zsh", "-f", "-c", script)
		command.Dir = p.dir

		if out, err := command.CombinedOutput(); err != nil || !strings.Contains(string(out), "\nplan") {
			t.Errorf("the first call offers\n%s (%v)", out, err)
		}
	})

	for shell, check := range map[string][]string{"bash": {"bash", "-n"}, "zsh": {"zsh", "-n"}, "fish": {"fish", "-n"}} {
		t.Run("is valid "+shell, func(t *testing.T) {
			script := p.ok("completion", shell).stdout
			if !strings.Contains(script, "icc") {
				t.Fatalf("the script is\n%s", script)
			}

			if _, err := exec.LookPath(shell); err != nil {
				return // only bash is on every machine
			}

			command := exec.Command(check[0], check[1:]...)
			command.Stdin = strings.NewReader(script)

			if out, err := command.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", strings.Join(check, " "), err, out)
			}
		})
	}
}

func TestPluginListAndInfo(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)

	type plugin struct {
		Name, Version, Path, SHA256, Builder, Error string
		Kinds                                       []string
	}

	byName := map[string]plugin{}
	for _, row := range parseRows[plugin](p, p.ok("plugin", "list", "--format", "json").stdout) {
		byName[row.Name] = row
	}

	for name, kind := range map[string]string{
		"project": "project", "image": "image", "network": "network", "volume": "storage-volume", "instance": "instance",
	} {
		if got := byName[name]; got.Error != "" || got.Version == "" || len(got.SHA256) != 64 || !contains(got.Kinds, kind) {
			t.Errorf("plugin %s is listed as %+v", name, got)
		}

		if out := p.ok("plugin", "info", name).stdout; !strings.Contains(out, "kind "+kind) || !strings.Contains(out, byName[name].Path) {
			t.Errorf("plugin info %s prints\n%s", name, out)
		}
	}

	if got := byName["builder-podman"]; got.Builder != "podman" {
		t.Errorf("the builder is listed as %+v", got)
	}

	if table := p.ok("plugin", "list").stdout; !strings.HasPrefix(table, "NAME ") || !strings.Contains(table, "storage-volume") {
		t.Errorf("plugin list prints\n%s", table)
	}

	p.fails(1, []string{"plugin", "info", "nothing"}, `"nothing"`, "hint: ", "network")
}

func contains(list []string, want string) bool {
	for _, entry := range list {
		if entry == want {
			return true
		}
	}

	return false
}

func TestProgress(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)

	t.Run("as JSON has an object a line", func(t *testing.T) {
		type event struct{ Type, Kind, Name, Action string }

		events := parseRows[event](p, p.ok("--progress", "json", "up", "-d").stderr)
		if len(events) < 5 || events[len(events)-1].Type != "summary" {
			t.Errorf("the events are %+v", events)
		}
	})
	t.Run("quiet says nothing", func(t *testing.T) {
		if r := p.ok("--progress", "quiet", "down"); r.stdout+r.stderr != "" {
			t.Error(r)
		}
	})
	t.Run("on a terminal fits the window", func(t *testing.T) {
		term := p.terminal(6, 60, "up", "-d")
		if code := term.wait(patience); code != 0 {
			t.Errorf("the exit code is %d:\n%s", code, &term.screen)
		}

		term.shows("steps done in")

		for line := range strings.Lines(term.screen.String()) {
			if text := strings.TrimSpace(withoutControl(line)); len([]rune(text)) > 60 {
				t.Errorf("a line is wider than the window: %q", text)
			}
		}
	})
}

// withoutControl removes the terminal's control sequences.
func withoutControl(text string) string {
	var out strings.Builder

	for i := 0; i < len(text); i++ {
		if text[i] == 0x1b {
			for i++; i < len(text) && (text[i] < 'A' || text[i] == '['); i++ {
			}

			continue
		}

		out.WriteByte(text[i])
	}

	return out.String()
}
