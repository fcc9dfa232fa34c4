//go:build incus

package conformance

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/icc-project/icc/plugins/instance/provider"
	"github.com/icc-project/icc/test/testbed"
)

// programsVariable names the environment variable that says where icc-init is: a test's executable has none beside it.
const programsVariable = "ICC_TEST_PROGRAMS"

// bedVariable names another server for the tests, so that two people can run them at the same time.
const bedVariable = "ICC_TEST_BED"

func TestMain(m *testing.M) { os.Exit(withPrograms(m)) }

// withPrograms builds icc-init as `make build` does and runs the tests on the server's host, where the ports are that the
// provider looks at.
func withPrograms(m *testing.M) int {
	bed := cmp.Or(os.Getenv(bedVariable), "instance")
	if os.Getenv(programsVariable) != "" { // on the host
		return testbed.OnHost(m, bed)
	}
	dir, err := os.MkdirTemp("", "icc-instance-")
	if err == nil {
		defer func() { _ = os.RemoveAll(dir) }()
		err = buildInit(dir)
	}
	if err == nil {
		err = os.Setenv(programsVariable, dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return testbed.OnHost(m, bed)
}

func buildInit(dir string) error {
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", filepath.Join(dir, "icc-init-linux-"+runtime.GOARCH),
		"github.com/icc-project/icc/cmd/icc-init")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building icc-init: %w\n%s", err, out)
	}
	return nil
}

// plugin returns a provider that finds the icc-init built for the tests.
func plugin() *provider.Provider { return provider.WithPrograms(os.Getenv(programsVariable)) }
