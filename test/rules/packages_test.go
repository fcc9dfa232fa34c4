package rules

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/icc-project/icc"

// pkg is what `go list` says about a package of the module. Paths of packages in it are relative to the module:
// "core/stack".
type pkg struct {
	ImportPath string
	Dir        string
	Standard   bool
	GoFiles    []string
	// Imports are direct, Deps are all packages that become part of a program with this one.
	Imports, Deps              []string
	TestGoFiles, XTestGoFiles  []string
	TestImports, XTestImports  []string
	IgnoredGoFiles, EmbedFiles []string
}

// path returns the package's path within the module; "." is the root.
func (p pkg) path() string { return within(p.ImportPath) }

// within returns path relative to the module, or path itself when it is not of the module.
func within(path string) string {
	if path == module {
		return "."
	}
	return strings.TrimPrefix(path, module+"/")
}

// ours says whether a package is of this module.
func ours(path string) bool { return path == module || strings.HasPrefix(path, module+"/") }

// standard says whether a package is of Go's own library: those have no dot in their first element.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// packages asks go list once for all tests of this package.
func packages(t *testing.T) []pkg {
	t.Helper()
	all, err := list()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var list = sync.OnceValues(func() ([]pkg, error) {
	command := exec.Command("go", "list", "-tags", "incus", "-json", "./...")
	command.Dir = root()
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		return nil, errors.New("go list: " + stderr.String())
	}
	var all []pkg
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
})

// root returns the repository's folder; tests run in their package's.
func root() string { return filepath.Join("..", "..") }

// read returns the content of a file of the repository.
func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// sources returns the paths of all Go files of the packages that people write.
func sources(t *testing.T) []string {
	t.Helper()
	var paths []string
	for _, p := range packages(t) {
		for _, files := range [][]string{p.GoFiles, p.TestGoFiles, p.XTestGoFiles, p.IgnoredGoFiles} {
			for _, file := range files {
				path := filepath.Join(p.Dir, file)
				if !strings.HasSuffix(file, ".pb.go") {
					paths = append(paths, path)
				}
			}
		}
	}
	return paths
}
