package host

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSearchPath(t *testing.T) {
	bin := filepath.Dir(executable())
	system := []string{filepath.Join(filepath.Dir(bin), "lib", "icc", "plugins"), bin}
	t.Setenv("HOME", "/home/me")
	tests := []struct {
		name      string
		flag      []string
		env, data string
		want      []string
	}{
		{"nothing set", nil, "", "", []string{"/home/me/.local/share/icc/plugins"}},
		{"the flag", []string{"/one", "/two/../three"}, "/env", "", []string{"/one", "/three", "/home/me/.local/share/icc/plugins"}},
		{"the environment", nil, "/one::/two", "", []string{"/one", "/two", "/home/me/.local/share/icc/plugins"}},
		{"a data directory", nil, "", "/data", []string{"/data/icc/plugins"}},
		{"a relative data directory, which XDG forbids", nil, "", "data", []string{"/home/me/.local/share/icc/plugins"}},
		{"repetitions", []string{"/one", "/one/", "/data/icc/plugins"}, "", "/data", []string{"/one", "/data/icc/plugins"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("ICC_PLUGIN_DIR", tt.env)
			t.Setenv("XDG_DATA_HOME", tt.data)
			if diff := cmp.Diff(append(tt.want, system...), SearchPath(tt.flag)); diff != "" {
				t.Errorf("path (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDiscoverSkipsWhatIsNoPluginByItsName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"icc-plugin-b", "icc-plugin-a2-x", "icc-plugin-", "icc-plugin-a~", "icc-plugin-a.bak", "icc-plugin--a", "icc-plugin-A", "icc", ".icc-plugin-c"} {
		must(t, os.WriteFile(filepath.Join(dir, name), nil, 0o755))
	}
	want := []found{{"a2-x", filepath.Join(dir, "icc-plugin-a2-x")}, {"b", filepath.Join(dir, "icc-plugin-b")}}
	if diff := cmp.Diff(want, discover([]string{filepath.Join(dir, "missing"), dir}), cmp.AllowUnexported(found{})); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
}
