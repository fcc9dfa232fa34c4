package statefile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"sync"

	"github.com/icc-project/icc/sdk/initspec"
)

// File is the state and its copy on disk.
type File struct {
	path string
	warn func(error)

	mu      sync.Mutex
	state   initspec.State
	changed chan struct{}
	warned  bool
}

// New returns the state with which a start begins and writes it. Warn is called at the first write that fails, and again
// after one that has worked.
func New(path string, first initspec.State, warn func(error)) *File {
	f := &File{path: path, warn: warn, state: first, changed: make(chan struct{})}
	f.state.Version = initspec.Version
	f.mu.Lock()
	defer f.mu.Unlock()
	f.write()
	return f
}

// State returns the latest state.
func (f *File) State() initspec.State {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state
}

// Changed returns a channel that is closed at the next change.
func (f *File) Changed() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.changed
}

// Update changes the state, writes it and tells those who wait.
func (f *File) Update(change func(*initspec.State)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.state)
	f.write()
	close(f.changed)
	f.changed = make(chan struct{})
}

// write replaces the file by renaming, so that no reader sees half a state. A full volume has no room for a second file:
// then the state goes over the old one, whose room is still there.
func (f *File) write() {
	err := f.replace()
	if err != nil && f.overwrite() == nil {
		return
	}
	if err != nil && !f.warned {
		f.warn(fmt.Errorf("the state is not written: %w", err))
	}
	f.warned = err != nil
}

func (f *File) replace() error {
	data, err := json.Marshal(&f.state)
	if err != nil {
		return err
	}
	next := f.path + ".new"
	if err := os.WriteFile(next, append(data, '\n'), 0o600); err != nil {
		_ = os.Remove(next) // half of it may be there
		return err
	}
	return os.Rename(next, f.path)
}

// overwrite leaves out the outputs of health tests, so that the state fits into the file's first block.
func (f *File) overwrite() error {
	state := f.state
	if state.Health != nil {
		state.Health = &initspec.HealthState{Status: state.Health.Status, FailingStreak: state.Health.FailingStreak}
	}
	data, err := json.Marshal(&state)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(f.path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if rest := int(info.Size()) - len(data); rest > 0 { // JSON may end in blanks
		data = append(data, bytes.Repeat([]byte{' '}, rest)...)
	}
	_, err = file.WriteAt(data, 0)
	return err
}
