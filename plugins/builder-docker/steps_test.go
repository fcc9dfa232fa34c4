package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const buildKitOutput = `#1 [internal] load build definition from D2
#4 [1/3] FROM docker.io/library/busybox:1@sha256:7c
#4 CACHED
#5 [build 2/3] RUN echo hi
#6 [stage-1 3/3] RUN two
#5 0.217 hi
#5 [linux/amd64 build 2/3] RUN echo hi
#6 ERROR: process "/bin/sh -c two" did not complete successfully: exit code: 3
#5 CANCELED
 > [stage-1 3/3] RUN two:
`

func TestTheLastStepOfBuildKitIsTheOneThatFailed(t *testing.T) {
	t.Parallel()
	find := buildx.findStep()
	var steps []string
	var percents []int
	for line := range strings.Lines(buildKitOutput) {
		if step, ok := find(strings.TrimSpace(line)); ok {
			steps, percents = append(steps, step.Text), append(percents, step.Percent)
		}
	}
	want := []string{
		"[1/3] FROM docker.io/library/busybox:1@sha256:7c", "[build 2/3] RUN echo hi", "[stage-1 3/3] RUN two",
		"[linux/amd64 build 2/3] RUN echo hi", "[stage-1 3/3] RUN two",
	}
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{0, 33, 66, 33, 66}, percents); diff != "" {
		t.Errorf("percentages (-want +got):\n%s", diff)
	}
}

func TestTheClassicBuilderCountsItsSteps(t *testing.T) {
	t.Parallel()
	step, ok := classic.findStep()("Step 3/4 : RUN make")
	if !ok || step.Text != "Step 3/4 : RUN make" || step.Percent != 50 {
		t.Errorf("got %+v, %v", step, ok)
	}
	if _, ok := classic.findStep()(" ---> Running in Step 3/4 : x"); ok {
		t.Error("a step was found in what is none")
	}
}

func TestFailuresGetAdvice(t *testing.T) {
	t.Parallel()
	for output, want := range map[string]string{
		"ERROR: failed to solve: target stage \"prod\" could not be found":              `"prod" is not a stage`,
		"failed to reach build target prod in Dockerfile":                               `"prod" is not a stage`,
		"ERROR: failed to solve: x: failed to resolve source metadata for docker.io/x":  "check the image named in FROM",
		"Step 1/2 : FROM x:1\nGet \"https://registry/v2/\": dial tcp: no route to host": "check the image named in FROM",
		"write /var/lib/docker/x: no space left on device":                              "docker system prune",
		"the --mount option requires BuildKit. Refer to https://docs.docker.com":        "buildx",
	} {
		if got := advice(output, "prod"); !strings.Contains(got, want) {
			t.Errorf("%s: hint is %q, want %q", output, got, want)
		}
	}
	if got := advice("Step 1/2 : FROM x:1\nStep 2/2 : RUN go get\ndial tcp: no route to host", ""); got != "" {
		t.Errorf("a failing step gets the advice %q", got)
	}
}
