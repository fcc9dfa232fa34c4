package testbed

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// Main runs a package's tests on a server of its own, called name, with the registry filled. It starts the server
// afresh, ends it after the tests and returns the exit code for os.Exit. ICC_TESTBED_KEEP=1 leaves it running for a
// look around.
//
//	func TestMain(m *testing.M) { os.Exit(testbed.Main(m, "volume")) }
func Main(m *testing.M, name string) int {
	for _, step := range [][]string{{"down", name}, {"up", name}, {"images", name}} {
		if err := bed(step...); err != nil {
			fmt.Fprintf(os.Stderr, "these tests need a private Incus: %v\nmake it possible with: %s install\n", err, bedPath())

			return 1
		}
	}

	if err := os.Setenv("ICC_TESTBED_NAME", name); err != nil {
		fmt.Fprintln(os.Stderr, "naming the server:", err)

		return 1
	}

	code := m.Run()

	if os.Getenv("ICC_TESTBED_KEEP") != "" {
		fmt.Fprintf(os.Stderr, "kept: %s exec %s -- bash; end it with: %s down %s\n", bedPath(), name, bedPath(), name)

		return code
	}

	if err := bed("down", name); err != nil {
		fmt.Fprintln(os.Stderr, "ending the private Incus:", err)

		return 1
	}

	return code
}

func bed(args ...string) error {
	output, err := exec.Command(bedPath(), args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("bed %v: %w\n%s", args, err, output)
	}

	return nil
}
