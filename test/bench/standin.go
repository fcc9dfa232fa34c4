//go:build incus

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// pluginPrefix begins the file names of plugins.
const pluginPrefix = "icc-plugin-"

// isStandIn reports whether this process was started in a plugin's place, and leaves a mark beside the file if so.
func isStandIn() bool {
	if !strings.HasPrefix(filepath.Base(os.Args[0]), pluginPrefix) {
		return false
	}

	self, err := os.Executable()
	if err == nil {
		err = os.WriteFile(self+".mark", nil, 0o644)
	}

	if err != nil {
		fmt.Fprintln(os.Stderr, "leaving a mark:", err)
	}

	return true
}

// marks are the files that stand-ins left in dir.
func marks(dir string) []string {
	found, _ := filepath.Glob(filepath.Join(dir, "*.mark"))

	return found
}

// copySelf puts this program into dir under the names of plugins.
func copySelf(dir string, names ...string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}

	program, err := os.ReadFile(self)
	if err != nil {
		return fmt.Errorf("reading this program: %w", err)
	}

	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, pluginPrefix+name), program, 0o755); err != nil {
			return fmt.Errorf("writing a stand-in for plugin %q: %w", name, err)
		}
	}

	return nil
}
