package host

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/icc-project/icc/sdk/resource"
)

// maxSocketDir is the longest directory in which go-plugin's socket names, "plugin-dirNNNNNNNNNN/pluginNNNNNNNNNN",
// stay within the kernel's 107 bytes.
const maxSocketDir = 107 - len("/plugin-dir4294967295/plugin4294967295")

// socketDir is the directory of one host's sockets. It is locked as long as the host lives, so that others can tell
// what a killed host has left behind, whatever has become of its process number.
type socketDir struct {
	path string
	lock *os.File
}

// newSocketDir sweeps what dead hosts left and makes a directory. wanted is the place for it; empty means
// $XDG_RUNTIME_DIR, or /tmp where that is missing, not private or too long.
func newSocketDir(wanted string) (*socketDir, error) {
	base, name := wanted, fmt.Sprintf("icc-%d-", os.Getpid())
	if base == "" {
		base = os.Getenv("XDG_RUNTIME_DIR")
	}
	if !private(base) || len(filepath.Join(base, name))+10 > maxSocketDir {
		if wanted != "" {
			return nil, resource.ErrPlugin.WithText(fmt.Sprintf("plugins cannot have their sockets in %s", wanted)).
				WithHint("name an existing directory of your own with a shorter path")
		}
		base, name = "/tmp", fmt.Sprintf("icc-%d-%d-", os.Geteuid(), os.Getpid())
	}
	sweep(base)
	path, err := os.MkdirTemp(base, name) // 0700
	if err != nil {
		return nil, resource.ErrPlugin.Wrap(fmt.Errorf("making a directory for the plugins' sockets: %w", err)).
			WithHint("check that " + base + " can be written to")
	}
	lock, err := lockDir(path)
	if err != nil {
		_ = os.RemoveAll(path)
		return nil, resource.ErrPlugin.Wrap(fmt.Errorf("locking %s: %w", path, err))
	}
	return &socketDir{path: path, lock: lock}, nil
}

// remove deletes the directory.
func (d *socketDir) remove() error {
	err := os.RemoveAll(d.path)
	if cerr := d.lock.Close(); err == nil {
		err = cerr
	}
	return err
}

// private says whether the directory exists and nobody but its owner, who is us, can write to it.
func private(dir string) bool {
	info, err := os.Stat(dir)
	return filepath.IsAbs(dir) && err == nil && info.IsDir() && info.Mode().Perm()&0o022 == 0 &&
		int(info.Sys().(*syscall.Stat_t).Uid) == os.Geteuid()
}

// sweep removes the directories that dead hosts of this user left in base.
func sweep(base string) {
	ours := regexp.MustCompile(`^icc-(?:\d+-)?(\d+)-\d+$`)
	entries, err := os.ReadDir(base)
	if err != nil {
		return
	}
	for _, e := range entries {
		if m := ours.FindStringSubmatch(e.Name()); m != nil {
			sweepDir(filepath.Join(base, e.Name()), m[1])
		}
	}
}

func sweepDir(path, pid string) {
	info, err := os.Lstat(path)
	if err != nil || !info.IsDir() || int(info.Sys().(*syscall.Stat_t).Uid) != os.Geteuid() {
		return
	}
	// A host that has just made its directory may not have locked it yet.
	if number, err := strconv.Atoi(pid); err == nil && alive(number) && time.Since(info.ModTime()) < time.Minute {
		return
	}
	lock, err := lockDir(path)
	if err != nil {
		return // its host lives
	}
	defer lock.Close()
	_ = os.RemoveAll(path)
}

// lockDir takes the directory's lock, which the kernel drops when the process ends in whatever way.
func lockDir(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, &fs.PathError{Op: "flock", Path: path, Err: err}
	}
	return f, nil
}

func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
