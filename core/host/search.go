package host

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// prefix begins the file name of every plugin.
const prefix = "icc-plugin-"

// SearchPath returns the plugin directories in the order in which they are searched: flagDirs, or without any those
// of ICC_PLUGIN_DIR, then the user's data directory, <prefix>/lib/icc/plugins, and the directory of icc itself.
func SearchPath(flagDirs []string) []string {
	dirs := slices.Clone(flagDirs)
	if len(dirs) == 0 {
		dirs = filepath.SplitList(os.Getenv("ICC_PLUGIN_DIR"))
	}
	if data := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(data) {
		dirs = append(dirs, filepath.Join(data, "icc", "plugins"))
	} else if home, err := os.UserHomeDir(); err == nil {
		dirs = append(dirs, filepath.Join(home, ".local", "share", "icc", "plugins"))
	}
	if exe := executable(); exe != "" {
		bin := filepath.Dir(exe)
		dirs = append(dirs, filepath.Join(filepath.Dir(bin), "lib", "icc", "plugins"), bin)
	}
	return clean(dirs)
}

// clean returns the directories absolute and without repetitions.
func clean(dirs []string) []string {
	var out []string
	for _, dir := range dirs {
		abs, err := filepath.Abs(dir)
		if dir != "" && err == nil && !slices.Contains(out, abs) {
			out = append(out, abs)
		}
	}
	return out
}

// executable returns the path of the running program behind all links, or "".
func executable() string {
	exe, err := os.Executable()
	if err != nil {
		return ""
	}
	if real, err := filepath.EvalSymlinks(exe); err == nil {
		return real
	}
	return exe
}

// found is a plugin file that the search path has turned up.
type found struct{ name, path string }

// discover returns the plugin files of dirs in the order of the path, and by name within a directory. The first of a
// name hides the others. Directories that do not exist are skipped.
func discover(dirs []string) []found {
	var out []found
	seen := make(map[string]bool)
	for _, dir := range dirs {
		for _, name := range pluginNames(dir) {
			if !seen[name] {
				seen[name] = true
				out = append(out, found{name: name, path: filepath.Join(dir, prefix+name)})
			}
		}
	}
	return out
}

// pluginNames returns the names of the plugins in a directory, sorted. It reads names only, for the directory may be
// a large /usr/bin.
func pluginNames(dir string) []string {
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer f.Close()
	entries, err := f.Readdirnames(-1)
	if err != nil {
		return nil
	}
	var names []string
	for _, entry := range entries {
		if name, ok := strings.CutPrefix(entry, prefix); ok && isPluginName(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// isPluginName says whether a file may be a plugin by its name; backups like icc-plugin-x~ and icc-plugin-x.bak are not.
func isPluginName(name string) bool {
	for i, c := range name {
		letter := c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
		if !letter && (c != '-' || i == 0) {
			return false
		}
	}
	return name != ""
}
