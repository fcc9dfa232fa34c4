package statefile

import (
	"encoding/json"
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

// write replaces the file by renaming, so that no reader sees half a state.
func (f *File) write() {
	err := f.replace()
	if err != nil && !f.warned {
		f.warn(err)
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
		return err
	}
	return os.Rename(next, f.path)
}
