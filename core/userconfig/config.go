package userconfig

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/icc-project/icc/sdk/resource"
)

// Config is what a user has set for all projects. The zero value says nothing.
type Config struct {
	// File is where it was read, empty when there is no file.
	File     string
	Builders Builders
}

// Builders are the builders that the user prefers.
type Builders struct {
	// Default builds where no host is named.
	Default string
	// Hosts are builders by the name of an Incus remote or of the machine that builds.
	Hosts map[string]string
}

// Load reads the user's configuration. A missing file is an empty one.
func Load() (Config, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return Config{}, nil // without a home there is no configuration
	}
	return Read(filepath.Join(dir, "icc", "config.yaml"))
}

// Read reads the configuration in a file, which may be missing. Errors wrap ErrConfig and name line and column.
func Read(file string) (Config, error) {
	if _, err := os.Stat(file); errors.Is(err, fs.ErrPermission) {
		return Config{}, nil // the home of somebody else, as below sudo -u: nothing in it is this user's
	}
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return Config{}, nil
	}
	if err != nil {
		return Config{}, resource.ErrConfig.WithText("reading icc's configuration").Wrap(err).
			WithHint("make the file readable, or remove it")
	}
	c, err := decode(file, content)
	c.File = file
	return c, err
}

// For returns the builder for a remote, on a machine, and the name of the setting that says so; both are empty when
// nothing does. The remote counts before the machine, and a machine is known with its domain and without.
func (b Builders) For(remote, machine string) (name, setting string) {
	short, _, _ := strings.Cut(machine, ".")
	for _, host := range []string{remote, machine, short} {
		if name := b.Hosts[host]; host != "" && name != "" {
			return name, "builders.hosts." + host
		}
	}
	if b.Default == "" {
		return "", ""
	}
	return b.Default, "builders.default"
}
