//go:build incus

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPluginsThatCannotBeUsed(t *testing.T) {
	t.Parallel()

	for name, tt := range map[string]struct {
		behaviour string
		// spoil does something to the plugin's file.
		spoil func(t *testing.T, path string)
		want  []string
	}{
		"crashing at once":            {behaviour: "crash", want: []string{"something broke in here", "3"}},
		"hanging at once":             {behaviour: "hang", want: []string{"did not answer within"}},
		"printing rubbish":            {behaviour: "rubbish", want: []string{"Hello, I am no plugin"}},
		"of another protocol version": {behaviour: "protocol", want: []string{"protocol 99"}},
		"crashing when it is used":    {behaviour: "crash-later", want: []string{"something broke in here"}},
		"not executable": {behaviour: "crash", want: []string{"not executable", "chmod +x"}, spoil: func(t *testing.T, path string) {
			change(t, os.Chmod(path, 0o644))
		}},
		"world-writable": {behaviour: "crash", want: []string{"written by everybody", "chmod o-w"}, spoil: func(t *testing.T, path string) {
			change(t, os.Chmod(path, 0o757))
		}},
		"with a wrong checksum": {behaviour: "crash", want: []string{"checksum", "icc-plugins.lock"}, spoil: func(t *testing.T, path string) {
			lock := `{"project": "` + strings.Repeat("0", 64) + `"}`
			change(t, os.WriteFile(filepath.Join(filepath.Dir(path), "icc-plugins.lock"), []byte(lock), 0o644))
		}},
		"that is a script": {behaviour: "crash", want: []string{"script"}, spoil: func(t *testing.T, path string) {
			change(t, os.WriteFile(path, []byte("#!/bin/sh\nexit 0\n"), 0o755))
		}},
		"that is empty": {behaviour: "crash", want: []string{"empty"}, spoil: func(t *testing.T, path string) {
			change(t, os.Truncate(path, 0))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t, sleeper)
			dir := p.standIn("project", tt.behaviour)
			path := filepath.Join(dir, pluginPrefix+"project")

			if tt.spoil != nil {
				tt.spoil(t, path)
			}

			p.fails(1, []string{"--plugin-dir", dir, "up", "-d"}, append(tt.want, path, "hint: ")...)
			p.leavesNothing()

			// plugin list shows it with its error, and fails not.
			if r := p.ok("--plugin-dir", dir, "plugin", "list"); !strings.Contains(r.stdout, path) {
				t.Errorf("plugin list does not show it: %s", r)
			}
		})
	}
}

func TestAHangingPluginCanBeInterrupted(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)
	dir := p.standIn("project", "hang-later")

	r := p.start("--plugin-dir", dir, "up", "-d")
	eventually(t, patience, func() string {
		if !asked(dir, "project") {
			return "the plugin was not asked anything"
		}

		return ""
	})
	r.signal(os.Interrupt)

	if got := r.wait(patience); got.code != 130 {
		t.Error(got)
	}

	p.leavesNothing()
}

func TestMissingPlugins(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)

	icc, err := iccPath()
	p.must(err)

	program, err := os.ReadFile(icc)
	p.must(err)

	// An icc without plugins beside it.
	alone := filepath.Join(p.dir, "bin", "icc")
	p.must(os.MkdirAll(filepath.Dir(alone), 0o755))
	p.program(alone, program)

	command := p.command("up", "-d")
	for i, arg := range command.Args {
		if arg == icc {
			command.Args[i] = alone
		}
	}

	p.refused(p.run(command, "", []string{"up", "-d"}), 1, "no plugin offers the kind", "hint: ", "icc-plugin-", filepath.Dir(alone))
	p.leavesNothing()
}

func change(t *testing.T, err error) {
	t.Helper()

	if err != nil {
		t.Fatal(err)
	}
}
