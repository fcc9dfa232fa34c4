package connect

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

const (
	dirPrefix = "icc-connect-"
	lockName  = "lock"
	// young directories may belong to a process that is about to lock them.
	youngDir = time.Minute
)

// runtimeDir is a private directory that exists as long as its process: a lock on a file inside tells the living from
// the dead, across PID namespaces and after kill -9.
type runtimeDir struct {
	path string
	lock *os.File
}

// makeRuntimeDir makes a directory with mode 0700 under parent and removes those whose processes are gone.
func makeRuntimeDir(parent string) (*runtimeDir, error) {
	parent = runtimeParent(parent)
	sweep(parent)
	path, err := os.MkdirTemp(parent, fmt.Sprintf("%s%d-", dirPrefix, os.Getpid()))
	if err != nil {
		return nil, err
	}
	lock, err := lockFile(filepath.Join(path, lockName), os.O_CREATE|os.O_EXCL)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(path))
	}
	return &runtimeDir{path: path, lock: lock}, nil
}

// runtimeParent is where the directories of all processes are, unless told otherwise.
func runtimeParent(wanted string) string {
	if wanted != "" {
		return wanted
	}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" && writable(dir) { // it may be another user's, below su
		return dir
	}
	return os.TempDir()
}

// remove deletes the directory and then lets go of the lock.
func (d *runtimeDir) remove() error {
	return errors.Join(os.RemoveAll(d.path), d.lock.Close())
}

// sweep removes the directories of our own that nobody holds. What it may not remove belongs to other users.
func sweep(parent string) {
	dirs, _ := filepath.Glob(filepath.Join(parent, dirPrefix+"*"))
	for _, dir := range dirs {
		info, err := os.Lstat(dir)
		if err != nil || !info.IsDir() {
			continue
		}
		lock, err := lockFile(filepath.Join(dir, lockName), 0)
		switch {
		case err == nil:
			_ = os.RemoveAll(dir)
			_ = lock.Close()
		case errors.Is(err, os.ErrNotExist) && time.Since(info.ModTime()) > youngDir:
			_ = os.RemoveAll(dir)
		}
	}
}

// lockFile opens a file and locks it without waiting; the kernel unlocks it when the process ends.
func lockFile(path string, flags int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_NOFOLLOW|flags, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	return f, nil
}
