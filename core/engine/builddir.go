package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// buildDirs is where builders leave their images. Not in /tmp: images can be larger than a memory-backed file system.
const (
	buildDirs   = "/var/tmp"
	buildPrefix = "icc-build-"
)

// makeBuildDir makes a directory for an image in parent and removes those there whose icc was killed. A directory is
// locked as long as its icc lives.
func makeBuildDir(parent string) (dir string, done func(), err error) {
	sweepBuildDirs(parent)
	// Another icc that sweeps may be faster than our lock; then we try again.
	const tries = 5
	for range tries {
		dir, err := os.MkdirTemp(parent, buildPrefix)
		if err != nil {
			return "", nil, fmt.Errorf("making a directory for the image: %w", err)
		}
		lock, err := lockDir(dir)
		if err == nil {
			return dir, func() { _ = os.RemoveAll(dir); _ = lock.Close() }, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			_ = os.RemoveAll(dir)
			return "", nil, fmt.Errorf("locking the directory for the image: %w", err)
		}
	}
	return "", nil, fmt.Errorf("making a directory for the image in %s: somebody removes it at once", parent)
}

// sweepBuildDirs removes what icc left when it was killed. What cannot be removed, such as other users', stays.
func sweepBuildDirs(parent string) {
	left, err := filepath.Glob(filepath.Join(parent, buildPrefix+"*"))
	if err != nil {
		return // the pattern is a constant
	}
	for _, dir := range left {
		if info, err := os.Lstat(dir); err != nil || !info.IsDir() {
			continue
		}
		if lock, err := lockDir(dir); err == nil {
			_ = os.RemoveAll(dir)
			_ = lock.Close()
		}
	}
}

// lockDir locks a directory without waiting. It fails with fs.ErrNotExist when the directory is removed meanwhile.
func lockDir(dir string) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fs.ErrNotExist // a sweeper has it
		}
		return nil, err
	}
	if _, err := os.Lstat(dir); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}
