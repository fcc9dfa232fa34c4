package host

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/icc-project/icc/core/rundir"
	"github.com/icc-project/icc/sdk/resource"
)

// maxSocketDir is the longest directory in which go-plugin's socket names, "plugin-dirNNNNNNNNNN/pluginNNNNNNNNNN",
// stay within the kernel's 107 bytes.
const maxSocketDir = 107 - len("/plugin-dir4294967295/plugin4294967295")

// newSocketDir makes the directory of one host's sockets. wanted is the place for it; empty means $XDG_RUNTIME_DIR, or
// /tmp where that is missing, not private or too long.
func newSocketDir(wanted string) (*rundir.Dir, error) {
	const use = "plugins"
	base := cmp.Or(wanted, os.Getenv("XDG_RUNTIME_DIR"))
	if !private(base) || len(filepath.Join(base, rundir.Name(use)))+10 > maxSocketDir {
		if wanted != "" {
			return nil, resource.ErrPlugin.WithText(fmt.Sprintf("plugins cannot have their sockets in %s", wanted)).
				WithHint("name an existing directory of your own with a shorter path")
		}
		base = "/tmp"
	}
	dir, err := rundir.Make(base, use)
	if err != nil {
		return nil, resource.ErrPlugin.Wrap(fmt.Errorf("making a directory for the plugins' sockets: %w", err)).
			WithHint("check that " + base + " can be written to")
	}
	return dir, nil
}

// private says whether the directory exists and nobody but its owner, who is us, can write to it.
func private(dir string) bool {
	info, err := os.Stat(dir)
	return filepath.IsAbs(dir) && err == nil && info.IsDir() && info.Mode().Perm()&0o022 == 0 &&
		int(info.Sys().(*syscall.Stat_t).Uid) == os.Geteuid()
}
