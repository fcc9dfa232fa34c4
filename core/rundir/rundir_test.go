package rundir

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func make1(t *testing.T, parent string) *Dir {
	t.Helper()
	d, err := Make(parent, "use")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDirectoriesGoWithTheirProcessAndNoSooner(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	living := make1(t, parent)
	there := map[string]bool{living.Path: true}
	for name, stays := range map[string]bool{
		"icc-use-12":     false,
		"icc-use-notes":  true,
		"icc-other-12":   true,
		"somebody-elses": true,
	} {
		path := filepath.Join(parent, name)
		there[path] = stays
		if err := os.MkdirAll(filepath.Join(path, "work"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for name, age := range map[string]time.Duration{"icc-new-icc-use-13": 0, "icc-new-icc-use-14": 2 * young} {
		path := filepath.Join(parent, name)
		there[path] = age < young // as its process may be about to lock it
		if err := errors.Join(os.Mkdir(path, 0o700), os.Chtimes(path, time.Time{}, time.Now().Add(-age))); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(parent, "icc-use-34")
	if err := os.Symlink(parent, link); err != nil {
		t.Fatal(err)
	}
	there[link] = true

	next := make1(t, parent)
	there[next.Path] = true
	for path, want := range there {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", filepath.Base(path), err == nil, want)
		}
	}
	if info, err := os.Stat(next.Path); err != nil || info.Mode().Perm() != 0o700 || !strings.HasPrefix(info.Name(), Name("use")) {
		t.Errorf("it is %v (%v), want one that begins with %s", info, err, Name("use"))
	}
	if err := living.Remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(living.Path); !os.IsNotExist(err) {
		t.Errorf("after Remove: %v", err)
	}
}

func TestProcessesThatBeginAtTheSameMomentLeaveEachOtherTheirDirectory(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 200 {
				d, err := Make(parent, "use")
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := os.Stat(d.Path); err != nil {
					t.Errorf("the directory was taken away: %v", err)
				}
				if err := d.Remove(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if left, err := os.ReadDir(parent); err != nil || len(left) > 0 {
		t.Errorf("there remain %v (%v)", left, err)
	}
}

func TestWhereNoDirectoryCanBeTheErrorSaysSo(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing")
	if _, err := Make(missing, "use"); !os.IsNotExist(err) || !strings.Contains(err.Error(), missing) {
		t.Errorf("got %v", err)
	}
}
