package runtime

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"github.com/icc-project/icc/sdk/resource"
)

// Program is icc-init as it lies beside this plugin.
type Program struct {
	Path    string
	Content []byte
	// Sum is the SHA-256 of Content in hexadecimal digits.
	Sum string
}

// ReadProgram reads icc-init for a server's architecture, in Incus' words. An empty directory means the one that this
// process' executable is in.
func ReadProgram(dir, architecture string) (*Program, error) {
	arch, ok := goArchitectures()[architecture]
	if !ok {
		return nil, resource.ErrUnsupported.WithText(fmt.Sprintf("there is no icc-init for servers of the architecture %q", architecture)).
			WithHint("run the services without it: `x-icc: {init: off}`")
	}
	if dir == "" {
		executable, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("finding icc-init beside the plugin: %w", err)
		}
		dir = filepath.Dir(executable)
	}
	path := filepath.Join(dir, "icc-init-linux-"+arch)
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, resource.ErrNotFound.WithText(fmt.Sprintf("icc-init cannot be read from %s", path)).Wrap(err).
			WithHint("build it with `make build` or install icc again, or run the services without it: `x-icc: {init: off}`")
	}
	sum := sha256.Sum256(content)
	return &Program{Path: path, Content: content, Sum: hex.EncodeToString(sum[:])}, nil
}

// goArchitectures are the architectures that icc-init is built for, by Incus' names of them.
func goArchitectures() map[string]string {
	return map[string]string{"x86_64": "amd64", "aarch64": "arm64"}
}
