package host

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
		{"a private directory", short, fmt.Sprintf("%s/icc-%d-", short, os.Getpid())},
		{"none", "", fmt.Sprintf("/tmp/icc-%d-%d-", os.Geteuid(), os.Getpid())},
		{"one that is missing", short + "/missing", "/tmp/icc-"},
		{"one with a long path", long, "/tmp/icc-"},
		{"one that others can write to", open, "/tmp/icc-"},
		{"a relative one", ".", "/tmp/icc-"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("XDG_RUNTIME_DIR", tt.runtime)
			t.Setenv("TMPDIR", long) // plays no part
			dir, err := newSocketDir("")
			must(t, err)
			if !strings.HasPrefix(dir.path, tt.want) {
				t.Errorf("sockets are in %s, want %s…", dir.path, tt.want)
			}
			if info, err := os.Stat(dir.path); err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("mode %v, %v", info.Mode(), err)
			}
			if len(dir.path) > maxSocketDir {
				t.Errorf("%s leaves no room for a socket", dir.path)
			}
			must(t, dir.remove())
			if _, err := os.Stat(dir.path); err == nil {
				t.Error("it was not removed")
			}
		})
	}
	if _, err := newSocketDir(long); err == nil {
		t.Error("a directory that was asked for and cannot be used was replaced in silence")
	}
}

func TestSweepRemovesOnlyWhatDeadHostsLeft(t *testing.T) {
	t.Parallel()
	base := shortDir(t)
	const nobody = 1 << 30 // beyond the kernel's process numbers
	old := time.Now().Add(-time.Hour)
	make := func(name string, at time.Time) string {
		path := filepath.Join(base, name)
		must(t, os.MkdirAll(filepath.Join(path, "plugin-dir1"), 0o700))
		must(t, os.Chtimes(path, at, at))
		return path
	}
	dead := make(fmt.Sprintf("icc-%d-123", nobody), time.Now())
	deadOfTmp := make(fmt.Sprintf("icc-%d-%d-123", os.Geteuid(), nobody), time.Now())
	reused := make(fmt.Sprintf("icc-%d-1", os.Getpid()), old)
	young := make(fmt.Sprintf("icc-%d-2", os.Getpid()), time.Now())
	foreign := make("icc-notes", old)
	locked := make(fmt.Sprintf("icc-%d-3", nobody), old)
	lock, err := lockDir(locked)
	must(t, err)
	t.Cleanup(func() { _ = lock.Close() })

	sweep(base)
	for path, want := range map[string]bool{dead: false, deadOfTmp: false, reused: false, young: true, foreign: true, locked: true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s is kept: %v, want %v", filepath.Base(path), err == nil, want)
		}
	}
}
