package userconfig

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/resource"
)

func written(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestAConfigurationIsRead(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]Builders{
		"":                            {},
		"# nothing":                   {},
		"builders:":                   {},
		"builders: {default: podman}": {Default: "podman"},
		"builders:\n  default: podman\n  hosts:\n    buildbox: buildah\n    far: &d docker\n    x: *d\n": {
			Default: "podman", Hosts: map[string]string{"buildbox": "buildah", "far": "docker", "x": "docker"},
		},
	} {
		file := written(t, content)
		got, err := Read(file)
		if diff := cmp.Diff(Config{File: file, Builders: want}, got); diff != "" || err != nil {
			t.Errorf("%q (-want +got): %v\n%s", content, err, diff)
		}
	}
	if got, err := Read(filepath.Join(t.TempDir(), "none.yaml")); err != nil || got.File != "" {
		t.Errorf("without a file: %+v, %v", got, err)
	}
}

func TestMistakesAreNamedWithLineAndColumn(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]struct{ text, hint string }{
		"bilders: {}":                                   {`:1:1: the file has no setting "bilders"`, `did you mean "builders"?`},
		"builders:\n  host: {a: b}":                     {`:2:3: builders has no setting "host"`, `did you mean "hosts"?`},
		"builders:\n  zzzzzz: 1":                        {`:2:3: builders has no setting "zzzzzz"`, "remove it"},
		"builders: podman":                              {":1:11: builders has to be a mapping", "key: value"},
		"builders:\n  default: [podman]":                {":2:12: builders.default has to be a name", "write a name"},
		"builders:\n  default: 3":                       {":2:12: builders.default has to be a name", "write a name"},
		"builders:\n  hosts:\n    a: ''":                {":3:8: builders.hosts.a has to be a name", "write a name"},
		"builders:\n  hosts:\n    a:":                   {":3:7: builders.hosts.a has to be a name", "write a name"},
		"builders:\n  default: a\n  default: b":         {`:3:3: "default" is set a second time; the first is in line 2`, "remove one"},
		"builders: {default: a}\nbuilders: {hosts: {}}": {`:2:1: "builders" is set a second time`, "remove one"},
		"- a":           {":1:1: the file has to be a mapping", "key: value"},
		"a: b\n c: d\n": {"is not valid YAML: line 2, column 3", "check indentation"},
	} {
		_, err := Read(written(t, content))
		if !errors.Is(err, resource.ErrConfig) || !strings.Contains(err.Error(), want.text) || !strings.Contains(resource.Hint(err), want.hint) {
			t.Errorf("%q: got %v (hint: %s), want %q (hint: %s)", content, err, resource.Hint(err), want.text, want.hint)
		}
	}
	if _, err := Read(t.TempDir()); !errors.Is(err, resource.ErrConfig) {
		t.Errorf("a folder in place of the file: %v", err)
	}
}

func TestARemoteCountsBeforeTheMachineAndThatBeforeTheDefault(t *testing.T) {
	t.Parallel()
	b := Builders{Default: "podman", Hosts: map[string]string{"far": "buildah", "desk": "docker", "box.lan": "kaniko"}}
	for _, test := range []struct{ remote, machine, name, setting string }{
		{"far", "desk", "buildah", "builders.hosts.far"},
		{"local", "desk", "docker", "builders.hosts.desk"},
		{"local", "desk.lan", "docker", "builders.hosts.desk"},
		{"", "box.lan", "kaniko", "builders.hosts.box.lan"},
		{"local", "box", "podman", "builders.default"},
		{"", "", "podman", "builders.default"},
	} {
		if name, setting := b.For(test.remote, test.machine); name != test.name || setting != test.setting {
			t.Errorf("on %s for %s: %s by %s, want %s by %s", test.machine, test.remote, name, setting, test.name, test.setting)
		}
	}
	if name, setting := (Builders{}).For("far", "desk"); name != "" || setting != "" {
		t.Errorf("nothing is set, but it says %s by %s", name, setting)
	}
}
