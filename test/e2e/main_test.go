//go:build incus

package e2e

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/icc-project/icc/test/testbed"
)

// parallel is how many tests run at once: they wait for the server most of the time, so it is more than the cores.
const parallel = "6"

func TestMain(m *testing.M) {
	if isStandIn() {
		standIn()
	}

	if _, err := iccPath(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}

	flag.Parse()

	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue {
		if err := f.Value.Set(parallel); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}

	// ICC_E2E_SERVER lets several runs go on side by side on one machine.
	os.Exit(testbed.Main(m, cmp.Or(os.Getenv("ICC_E2E_SERVER"), "e2e")))
}

// iccPath returns the binary under test: ICC_BIN or the one that make build makes.
func iccPath() (string, error) {
	path := os.Getenv("ICC_BIN")
	if path == "" {
		path = filepath.Join(repository(), "bin", "icc")
	}

	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("there is no icc to test: %w; run make build, or name one with ICC_BIN", err)
	}

	return filepath.Abs(path)
}

func repository() string {
	_, file, _, _ := runtime.Caller(0)

	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}
