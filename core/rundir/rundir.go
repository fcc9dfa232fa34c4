package rundir

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// young directories without a lock may belong to a process that is about to lock them.
const young = time.Minute

// Dir is a directory of this process alone.
type Dir struct {
	// Path is absolute if the parent was.
	Path string

	lock *os.File
}

// Name returns how the names of directories of that use begin; what Make adds takes at most ten characters.
func Name(use string) string { return "icc-" + use + "-" }

// unlocked begins the name of a directory that has no lock yet. It gets its own name with the lock, so that those that
// sweep never see it without.
const unlocked = "icc-new-"

// Make makes a directory with mode 0700 in parent, and removes those of the same use that this user's dead processes
// left there.
func Make(parent, use string) (*Dir, error) {
	Sweep(parent, use)
	made, err := os.MkdirTemp(parent, unlocked+Name(use))
	if err != nil {
		return nil, err
	}
	lock, err := lockDir(made)
	if err != nil {
		return nil, errors.Join(err, os.Remove(made))
	}
	path := filepath.Join(parent, strings.TrimPrefix(filepath.Base(made), unlocked))
	if err := os.Rename(made, path); err != nil {
		return nil, errors.Join(err, os.Remove(made), lock.Close())
	}
	return &Dir{Path: path, lock: lock}, nil
}

// Remove deletes the directory and lets go of its lock.
func (d *Dir) Remove() error { return errors.Join(os.RemoveAll(d.Path), d.lock.Close()) }

// Sweep removes the directories of that use in parent that are this user's and that nobody holds. What cannot be removed stays.
func Sweep(parent, use string) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, e := range entries {
		name, isNew := strings.CutPrefix(e.Name(), unlocked)
		matches, err := filepath.Match(Name(use)+"[0-9]*", name)
		if err != nil || !matches || !isOurs(e, isNew) {
			continue
		}
		path := filepath.Join(parent, e.Name())
		lock, err := lockDir(path)
		if err != nil {
			continue // its process lives
		}
		_ = os.RemoveAll(path)
		_ = lock.Close()
	}
}

// isOurs says whether an entry is a directory of this user, and one that is not young where that matters.
func isOurs(e os.DirEntry, old bool) bool {
	info, err := e.Info()
	if err != nil || !info.IsDir() || old && time.Since(info.ModTime()) < young {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}

// lockDir takes a directory's lock without waiting.
func lockDir(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("locking %s: %w", path, err), f.Close())
	}
	return f, nil
}
