package testbed

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Main runs a package's tests on a server of its own, called name, with the registry filled. It starts the server
// afresh, ends it after the tests and returns the exit code for os.Exit. ICC_TESTBED_KEEP=1 leaves it running for a
// look around.
//
//	func TestMain(m *testing.M) { os.Exit(testbed.Main(m, "volume")) }
func Main(m *testing.M, name string) int { return around(name, nil, m.Run) }

// insideKey is set for tests that OnHost runs.
const insideKey = "ICC_TESTBED_INSIDE"

// OnHost is Main for tests that have to be on the server's host themselves, where tools find the registry: all tests
// of the package run there, as the command line chooses them. Each of extras is one more command of bed that the host
// needs, such as "docker" for a Docker engine.
func OnHost(m *testing.M, name string, extras ...string) int {
	if os.Getenv(insideKey) != "" {
		return m.Run()
	}

	flag.Parse()

	return around(name, extras, func() int { return inside(name) })
}

// inside runs this very program again, on the server's host.
func inside(name string) int {
	host, err := find(name)
	if err != nil {
		fmt.Fprintln(os.Stderr, "finding the private Incus:", err)

		return 1
	}

	command := host.command(os.Args[0], os.Args[1:]...)
	command.Env = append(command.Env, insideKey+"=1")
	command.Stdout, command.Stderr = os.Stdout, os.Stderr

	var exit *exec.ExitError
	if err := command.Run(); errors.As(err, &exit) {
		return exit.ExitCode()
	} else if err != nil {
		fmt.Fprintln(os.Stderr, "running the tests on the server's host:", err)

		return 1
	}

	return 0
}

// around runs tests while the server is there.
func around(name string, extras []string, run func() int) int {
	if err := begin(name, extras); err != nil {
		fmt.Fprintf(os.Stderr, "these tests need a private Incus: %v\nmake it possible with: %s install %s\n", err, bedPath(), strings.Join(extras, " "))

		return 1
	}

	if err := os.Setenv("ICC_TESTBED_NAME", name); err != nil {
		fmt.Fprintln(os.Stderr, "naming the server:", err)

		return 1
	}

	code := run()

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

// begin starts the server afresh; where it cannot have all it needs, it does not stay.
func begin(name string, extras []string) error {
	if err := bed("down", name); err != nil {
		return err
	}

	for _, step := range append([]string{"up", "images"}, extras...) {
		if err := bed(step, name); err != nil {
			return errors.Join(err, bed("down", name))
		}
	}

	return nil
}

func bed(args ...string) error {
	output, err := exec.Command(bedPath(), args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("bed %v: %w\n%s", args, err, output)
	}

	return nil
}
