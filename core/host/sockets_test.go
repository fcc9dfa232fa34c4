package host

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func replaceOnce(t *testing.T, s, before, after string) string {
	t.Helper()
	if strings.Count(s, before) != 1 {
		t.Fatalf("%q does not have %q once", s, before)
	}
	return strings.Replace(s, before, after, 1)
}

func TestSocketsAreWhereTheyFitAndArePrivate(t *testing.T) {
	short := shortDir(t)
	long := filepath.Join(short, strings.Repeat("x", maxSocketDir))
	must(t, os.Mkdir(long, 0o700))
	open := filepath.Join(short, "open")
	must(t, os.Mkdir(open, 0o700))
	must(t, os.Chmod(open, 0o777))
	tests := []struct{ name, runtime, want string }{
		{"a private directory", short, short + "/icc-plugins-"},
		{"none", "", "/tmp/icc-plugins-"},
		{"one that is missing", short + "/missing", "/tmp/icc-plugins-"},
		{"one with a long path", long, "/tmp/icc-plugins-"},
		{"one that others can write to", open, "/tmp/icc-plugins-"},
		{"a relative one", ".", "/tmp/icc-plugins-"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("XDG_RUNTIME_DIR", tt.runtime)
			t.Setenv("TMPDIR", long) // plays no part
			dir, err := newSocketDir("")
			must(t, err)
			if !strings.HasPrefix(dir.Path, tt.want) {
				t.Errorf("sockets are in %s, want %s…", dir.Path, tt.want)
			}
			if info, err := os.Stat(dir.Path); err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("mode %v, %v", info.Mode(), err)
			}
			if len(dir.Path) > maxSocketDir {
				t.Errorf("%s leaves no room for a socket", dir.Path)
			}
			must(t, dir.Remove())
			if _, err := os.Stat(dir.Path); err == nil {
				t.Error("it was not removed")
			}
		})
	}
	if _, err := newSocketDir(long); err == nil {
		t.Error("a directory that was asked for and cannot be used was replaced in silence")
	}
}
