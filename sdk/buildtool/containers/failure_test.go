package containers

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStepsAreFoundWithTheirShareOfTheBuild(t *testing.T) {
	t.Parallel()
	got := map[string]int{}
	for _, line := range []string{"STEP 1/4: FROM a", "STEP 3/4: RUN x", "[2/2] STEP 1/2: FROM b", "no STEP 1/2: at all"} {
		if step, ok := (&caching{}).findStep(line); ok {
			got[step.Text] = step.Percent
		}
	}
	want := map[string]int{"STEP 1/4: FROM a": 0, "STEP 3/4: RUN x": 50, "[2/2] STEP 1/2: FROM b": 50}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

func TestFailuresGetAdvice(t *testing.T) {
	t.Parallel()
	for output, hint := range map[string]string{
		"Error: short-name \"x\" did not resolve":                             "docker.io/library",
		"Error: creating build container: initializing source docker://x:":    "check the image named in FROM",
		"Error: The target \"prod\" was not found in the provided Dockerfile": `"prod" is not a stage`,
		"write /x: no space left on device":                                   "podman system prune",
	} {
		if got := advice(output+"\n", "podman", "prod"); !strings.Contains(got, hint) {
			t.Errorf("%s: hint is %q, want %q", output, got, hint)
		}
	}
	if got := advice("make: no rule", "podman", ""); got != "" {
		t.Errorf("a failing step gets the advice %q", got)
	}
}

func TestBrokenRuntimesAreToldFromFailingSteps(t *testing.T) {
	t.Parallel()
	broken := "STEP 3/13: RUN x\nerror running container: from /usr/bin/crun creating container for [/bin/sh -c x]: cgroups in hybrid mode " +
		"not supported, drop all controllers from cgroupv2\n: exit status 1\nlevel=error msg=\"did not get container create message from subprocess: EOF\"\n" +
		"Error: building at STEP \"RUN x\": while running runtime: exit status 1"
	if reason := brokenRuntime(broken); reason != "cgroups in hybrid mode not supported, drop all controllers from cgroupv2" {
		t.Errorf("reason is %q", reason)
	}
	if reason := brokenRuntime("Error: building at STEP \"RUN x\": while running runtime: exit status 1"); reason != "" {
		t.Errorf("a failing step was taken for a broken runtime: %q", reason)
	}
}
