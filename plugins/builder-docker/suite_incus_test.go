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

func TestDockerWithBuildxIsABuilderLikeTheOthers(t *testing.T) {
	if way := wayOf(t); way != buildx {
		t.Fatalf("docker builds in the way %d", way)
	}
	buildx := suiteCase("[2/3] RUN x")
	buildx.Either = true
	builders.Run(t, buildx)
}

func TestDockerWithoutBuildxDoesTheRestAlike(t *testing.T) {
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	if way := wayOf(t); way != classic {
		t.Fatalf("docker builds in the way %d", way)
	}
	builders.Run(t, suiteCase("Step 2/3 : RUN x"))
}

func TestWithoutAnEngineDockerIsNotAvailable(t *testing.T) {
	t.Setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
	probe, err := newBuilder().Probe(t.Context())
	if err != nil || probe.Available || probe.Reason != "no engine answers at unix:///nowhere/docker.sock" {
		t.Errorf("Probe says %+v, %v", probe, err)
	}
}

func suiteCase(step string) builders.Case {
	return builders.Case{New: newBuilder, Tool: toolName, Step: step, Containers: []string{"ps", "--all", "--quiet"}}
}

func wayOf(t *testing.T) way {
	t.Helper()
	found, err := inspect(t.Context())
	if err != nil {
		t.Fatalf("docker on %s: %v", os.Getenv("DOCKER_HOST"), err)
	}
	return found.(*engine).way
}
