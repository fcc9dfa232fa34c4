package host

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// LockFile is the name of the file that pins the plugins of its directory: a JSON object of plugin names and the
// SHA-256 sums, in hexadecimal, of their files. Without one, a directory's plugins are not pinned.
const LockFile = "icc-plugins.lock"

// checkLock compares a plugin's sum with the lock file of its directory.
func checkLock(name, path, sum string) error {
	file := filepath.Join(filepath.Dir(path), LockFile)
	doc, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return refuse(path, "its lock file cannot be read: "+err.Error(), "check the permissions of "+file)
	}
	var sums map[string]string
	if err := json.Unmarshal(doc, &sums); err != nil {
		return refuse(path, "its lock file "+file+" is damaged: "+err.Error(), "write it as {\"NAME\": \"SHA-256 in hexadecimal\"}, or remove it")
	}
	switch want, ok := sums[name]; {
	case !ok:
		return refuse(path, "it is not in the lock file "+file, fmt.Sprintf("if you trust it, add %q: %q there", name, sum))
	case !strings.EqualFold(want, sum):
		return refuse(path, "its checksum is "+sum+", and "+file+" demands "+want,
			"install the locked version; if you trust the file, write its checksum there")
	}
	return nil
}
