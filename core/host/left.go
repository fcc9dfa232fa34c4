package host

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/icc-project/icc/sdk/wire"
)

// PluginsOf returns the numbers of the plugin processes that a process with that number has started, which may have ended
// since. Those of other users are not seen.
func PluginsOf(pid int) []int {
	var found []int
	environments, _ := filepath.Glob("/proc/[0-9]*/environ") // it fails for bad patterns only
	mark := wire.HostEnv + "=" + strconv.Itoa(pid)
	for _, path := range environments {
		environment, err := os.ReadFile(path)
		if err != nil {
			continue // it is somebody else's, or has ended
		}
		if slices.Contains(strings.Split(string(environment), "\x00"), mark) {
			number, _ := strconv.Atoi(filepath.Base(filepath.Dir(path))) // in /proc, what begins with a digit is a number
			found = append(found, number)
		}
	}
	return found
}
