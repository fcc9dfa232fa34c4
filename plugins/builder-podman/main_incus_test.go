//go:build incus

package main

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/icc-project/icc/test/testbed"
)

// insideKey is set for the run on the server's host.
const insideKey = "ICC_PODMAN_TESTS_INSIDE"

// TestMain starts a testbed of its own and runs all tests on its host, where podman finds a registry with base images
// and storage that goes with the testbed. Out here only TestOnTheHost runs, whatever -run says.
func TestMain(m *testing.M) {
	if os.Getenv(insideKey) != "" {
		os.Exit(m.Run())
	}
	flag.Parse()
	if err := flag.Set("test.run", "^TestOnTheHost$"); err != nil {
		fmt.Fprintln(os.Stderr, "choosing the test:", err)
		os.Exit(1)
	}
	os.Exit(testbed.Main(m, "podman"))
}

// TestOnTheHost runs the tests, as the command line chooses them, on the server's host.
func TestOnTheHost(t *testing.T) {
	if os.Getenv(insideKey) != "" {
		return
	}
	command := testbed.Env(t).Command(t, os.Args[0], os.Args[1:]...)
	command.Env = append(command.Env, insideKey+"=1")
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	if err := command.Run(); err != nil {
		t.Errorf("on the server's host: %v", err)
	}
}
