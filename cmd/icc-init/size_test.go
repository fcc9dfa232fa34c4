package main_test

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// maxSize is what issue 3 promises for the program.
const maxSize = 3_000_000

func TestTheProgramIsSmallAndStatic(t *testing.T) {
	t.Parallel()
	for _, arch := range []string{"amd64", "arm64"} {
		t.Run(arch, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "icc-init")
			build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", file, ".")
			build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
			if output, err := build.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, output)
			}
			info, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d bytes", info.Size())
			if info.Size() >= maxSize {
				t.Errorf("icc-init has %d bytes, and must have less than %d", info.Size(), maxSize)
			}
			program, err := elf.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = program.Close() }()
			for _, p := range program.Progs {
				if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
					t.Errorf("it needs a dynamic linker: %v", p.Type)
				}
			}
		})
	}
}

func TestTheProgramImportsTheStandardLibraryAndItsContract(t *testing.T) {
	t.Parallel()
	const module = "github.com/icc-project/icc/"
	output, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range strings.Fields(string(output)) {
		if path != module+"sdk/initspec" && path != module+"cmd/icc-init" && !strings.HasPrefix(path, module+"cmd/icc-init/") {
			t.Errorf("it imports %s", path)
		}
	}
	output, err = exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Fields(string(output))
	for _, heavy := range []string{"net", "net/http", "os/exec", "regexp"} {
		if slices.Contains(all, heavy) {
			t.Errorf("it imports %s", heavy)
		}
	}
}
