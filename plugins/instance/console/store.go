package console

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// maxStored bounds one instance's file; beyond it the older half is dropped.
const maxStored = 32 << 20

// Store keeps consoles in files of one directory, readable by this user alone. The zero Store keeps nothing.
type Store struct {
	Dir string
}

// file is the stored console of one instance, locked against other processes and goroutines.
type file struct {
	f *os.File
}

// open locks the file of an instance, which id tells from earlier ones of the same name.
func (s Store) open(project, name, id string) (*file, error) {
	dir := s.Dir
	if dir == "" {
		return nil, errNoStore
	}
	dir = s.folder(project, name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the log folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, id+".log"), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the stored log: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("locking the stored log: %w", err)
	}
	return &file{f}, nil
}

var errNoStore = errors.New("nothing is stored")

// Forget removes what is stored of an instance's name.
func (s Store) Forget(project, name string) error {
	if s.Dir == "" {
		return nil
	}
	return os.RemoveAll(s.folder(project, name))
}

func (s Store) folder(project, name string) string {
	return filepath.Join(s.Dir, "console", filepath.Base(project), filepath.Base(name))
}

func (f *file) read() ([]byte, error) { return os.ReadFile(f.f.Name()) }

// append adds text, dropping the older half of a file that has grown too large.
func (f *file) append(stored, text []byte) error {
	if len(stored)+len(text) > maxStored {
		if err := f.f.Truncate(0); err != nil {
			return err
		}
		text = append(append([]byte{}, stored[len(stored)/2:]...), text...)
	}
	_, err := f.f.Write(text)
	return err
}

// merged returns the mark of the last final piece that was stored.
func (f *file) merged() string {
	mark, err := os.ReadFile(f.f.Name() + markSuffix)
	if err != nil {
		return "" // none yet
	}
	return string(mark)
}

func (f *file) setMerged(mark string) error {
	return os.WriteFile(f.f.Name()+markSuffix, []byte(mark), 0o600)
}

// markSuffix is appended to the name of a log for the file that holds the mark.
const markSuffix = ".merged"

func (f *file) close() { _ = f.f.Close() } // also unlocks
