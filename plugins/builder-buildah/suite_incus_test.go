//go:build incus

package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/buildtool"
	"github.com/icc-project/icc/test/testbed/builders"
)

func newBuilder() sdk.Builder { return buildtool.New(tool()) }

func TestBuildahIsABuilderLikeTheOthers(t *testing.T) {
	builders.Run(t, builders.Case{
		New: newBuilder, Tool: toolName, Step: "STEP 2/3: RUN x", Chroot: os.Getenv("BUILDAH_ISOLATION") == "chroot",
		Containers: func(t testing.TB) []string { return strings.Fields(run(t, "containers", "--all", "--quiet")) },
		HasImage:   func(t testing.TB, name string) bool { return run(t, "images", "--quiet", name) != "" },
	})
}

// TestWithoutAContainerRuntime checks that a runtime that does not work is noticed, once.
func TestWithoutAContainerRuntime(t *testing.T) {
	builders.WithoutARuntime(t, newBuilder())
}

func run(t testing.TB, args ...string) string {
	t.Helper()
	out, err := exec.Command(toolName, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("buildah %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}
