package connect

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

func TestDirectoriesOfDeadProcessesAreRemovedAndOthersKept(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	living, err := makeRuntimeDir(parent)
	if err != nil {
		t.Fatal(err)
	}
	dead := filepath.Join(parent, dirPrefix+"1-dead")
	write(t, filepath.Join(dead, lockName), nil)
	write(t, filepath.Join(dead, "incus"), nil)
	killed := filepath.Join(parent, dirPrefix+"1-killed-before-locking")
	starting := filepath.Join(parent, dirPrefix+"1-starting")
	stranger := filepath.Join(parent, "something-else")
	for _, d := range []string{killed, starting, stranger} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	old := time.Now().Add(-2 * youngDir)
	if err := os.Chtimes(killed, old, old); err != nil {
		t.Fatal(err)
	}

	next, err := makeRuntimeDir(parent)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{living.path: true, next.path: true, starting: true, stranger: true, dead: false, killed: false} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: there %v, want %v", filepath.Base(path), err == nil, want)
		}
	}
	if err := living.remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(living.path); !os.IsNotExist(err) {
		t.Errorf("it is still there: %v", err)
	}
}

func TestARuntimeDirectoryThatCannotBeUsedIsReplaced(t *testing.T) {
	ours := t.TempDir()
	for dir, want := range map[string]string{"": os.TempDir(), ours: ours, filepath.Join(ours, "gone"): os.TempDir()} {
		t.Setenv("XDG_RUNTIME_DIR", dir)
		if got := runtimeParent(""); got != want {
			t.Errorf("XDG_RUNTIME_DIR=%s gives %s, want %s", dir, got, want)
		}
	}
	if got := runtimeParent("/chosen"); got != "/chosen" {
		t.Errorf("the chosen directory becomes %s", got)
	}
}

func TestRunsThatBeginAtTheSameMomentLeaveEachOtherTheirDirectory(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 200 {
				d, err := makeRuntimeDir(parent)
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := os.Stat(filepath.Join(d.path, lockName)); err != nil {
					t.Errorf("the directory was taken away: %v", err)
				}
				_ = d.remove()
			}
		})
	}
	all.Wait()
}
