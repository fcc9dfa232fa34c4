package serve

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/go-plugin"
)

// hostDirPrefix begins the names of the directories in which hosts keep the sockets of their plugins.
const hostDirPrefix = "icc-plugins-"

// removeSockets removes what a dead host cannot: the plugin's sockets, and the directories around them as soon as they
// are empty, which they are when the last plugin ends.
func removeSockets() {
	dir := os.Getenv(plugin.EnvUnixSocketDir)
	if dir == "" {
		return
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if e.Type()&fs.ModeSocket != 0 {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
	host := filepath.Dir(dir)
	if os.Remove(dir) == nil && strings.HasPrefix(filepath.Base(host), hostDirPrefix) {
		_ = os.Remove(host)
	}
}
