package main

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"

	"github.com/icc-project/icc/core/compose"
)

// maxChecked is how many compose files are remembered.
const maxChecked = 100

// checked implements compose.Checked with an empty file for each sum in the user's cache directory.
type checked struct{ dir string }

// newChecked returns nil, which remembers nothing, for users without a cache directory.
func newChecked() compose.Checked {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil
	}
	return checked{dir: filepath.Join(cache, "icc", "checked")}
}

// Passed implements compose.Checked.
func (c checked) Passed(sum string) bool {
	_, err := os.Stat(filepath.Join(c.dir, sum))
	return err == nil
}

// Pass implements compose.Checked.
func (c checked) Pass(sum string) {
	if os.MkdirAll(c.dir, 0o700) == nil && os.WriteFile(filepath.Join(c.dir, sum), nil, 0o600) == nil {
		c.forget()
	}
}

// forget removes the oldest sums when there are too many.
func (c checked) forget() {
	entries, err := os.ReadDir(c.dir)
	if err != nil || len(entries) <= maxChecked {
		return
	}
	age := func(e os.DirEntry) int64 {
		if info, err := e.Info(); err == nil {
			return info.ModTime().UnixNano()
		}
		return 0
	}
	slices.SortFunc(entries, func(a, b os.DirEntry) int { return cmp.Compare(age(a), age(b)) })
	for _, e := range entries[:len(entries)-maxChecked] {
		_ = os.Remove(filepath.Join(c.dir, e.Name()))
	}
}
