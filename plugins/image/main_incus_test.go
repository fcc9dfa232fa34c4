//go:build incus

package main

import (
	"os"
	"testing"

	"github.com/icc-project/icc/test/testbed"
)

// inside says that the test runs on the server's host, where the registry answers.
func inside() bool { return os.Getenv("ICC_IMAGE_TESTS_INSIDE") != "" }

// TestMain starts a server of its own and runs the tests on its host: the plugin reads registries itself, and the
// testbed's answers in the server's network namespace only.
func TestMain(m *testing.M) {
	if inside() {
		os.Exit(m.Run())
	}
	os.Exit(testbed.Main(m, "image"))
}

// TestOnTheHost runs the tests of the real server on its host.
func TestOnTheHost(t *testing.T) {
	if inside() {
		return
	}
	command := testbed.Env(t).Command(t, os.Args[0], os.Args[1:]...)
	command.Env = append(command.Env, "ICC_IMAGE_TESTS_INSIDE=1")
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	if err := command.Run(); err != nil {
		t.Errorf("on the server's host: %v", err)
	}
}
