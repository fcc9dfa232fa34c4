//go:build incus

package main

import (
	"os"
	"testing"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/buildtool"
	"github.com/icc-project/icc/test/testbed/builders"
)

func newBuilder() sdk.Builder { return buildtool.New(tool()) }

func TestBuildahIsABuilderLikeTheOthers(t *testing.T) {
	builders.Run(t, builders.Case{
		New: newBuilder, Tool: toolName, Step: "STEP 2/3: RUN x", Containers: []string{"containers", "--all", "--quiet"},
		Chroot: os.Getenv("BUILDAH_ISOLATION") == "chroot",
	})
}

func TestWithoutAContainerRuntime(t *testing.T) { builders.WithoutARuntime(t, newBuilder()) }
