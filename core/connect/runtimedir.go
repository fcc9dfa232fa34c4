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
	// Another icc that sweeps may be faster than our lock; then we try again.
	const tries = 20
	var lost error
	for range tries {
		path, err := os.MkdirTemp(parent, fmt.Sprintf("%s%d-", dirPrefix, os.Getpid()))
		if err != nil {
			return nil, err
		}
		lock, err := lockNew(filepath.Join(path, lockName))
		if err == nil {
			return &runtimeDir{path: path, lock: lock}, nil
		}
		lost = errors.Join(err, os.RemoveAll(path))
		if !errors.Is(err, errSwept) {
			break
		}
	}
	return nil, lost
}

// errSwept is the error about a directory that another process takes for one that was left behind.
var errSwept = errors.New("another icc removes it at once")

// lockNew makes a file and locks it. Between the two, the file looks like that of a process that is gone.
func lockNew(path string) (*os.File, error) {
	lock, err := lockFile(path, os.O_CREATE|os.O_EXCL)
	switch {
	case errors.Is(err, os.ErrNotExist), errors.Is(err, unix.EWOULDBLOCK):
		return nil, fmt.Errorf("locking %s: %w", path, errSwept)
	case err != nil:
		return nil, err
	}
	if _, err := os.Lstat(path); err != nil {
		return nil, errors.Join(fmt.Errorf("locking %s: %w", path, errSwept), lock.Close())
	}
	return lock, nil
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
