package main

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// heard keeps what a build reported.
type heard struct {
	mu       sync.Mutex
	output   strings.Builder
	notices  []string
	progress []resource.Progress
}

func (h *heard) Progress(p resource.Progress) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.progress = append(h.progress, p)
}

func (h *heard) Output(stream resource.Stream, data []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	fmt.Fprintf(&h.output, "%s: %s", stream, data)
}

func (h *heard) Notice(_ resource.Level, text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.notices = append(h.notices, text)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.output.String()
}

func TestLogPassesLinesAndProgress(t *testing.T) {
	t.Parallel()
	sink := &heard{}
	l := newLog(sink)
	for _, part := range []string{"STEP 1/4: FROM a\nST", "EP 3/4: RUN x\n", "[2/2] STEP 1/2: FROM b\nno end"} {
		if _, err := l.writer(resource.Stdout).Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.writer(resource.Stderr).Write([]byte("oops\n")); err != nil {
		t.Fatal(err)
	}
	l.flush()
	want := "stdout: STEP 1/4: FROM a\nstdout: STEP 3/4: RUN x\nstdout: [2/2] STEP 1/2: FROM b\nstderr: oops\nstdout: no end\n"
	if diff := cmp.Diff(want, sink.String()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
	var percents []int
	for _, p := range sink.progress {
		percents = append(percents, p.Percent)
	}
	if diff := cmp.Diff([]int{0, 50, 50}, percents); diff != "" {
		t.Errorf("percentages (-want +got):\n%s", diff)
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	failed := exec.Command("false").Run()
	explain := func(output string) error {
		l := newLog(resource.Discard{})
		if _, err := l.writer(resource.Stderr).Write([]byte(output)); err != nil {
			t.Fatal(err)
		}
		return l.explain(kinds.BuildRequest{Name: "shop-web", Build: kinds.BuildConfig{Target: "prod"}}, failed)
	}
	err := explain("STEP 1/2: FROM a\nSTEP 2/2: RUN make\n" + strings.Repeat("noise\n", 20) + "make: no rule\nError: building at STEP \"RUN make\": while running runtime: exit status 2\n")
	if !errors.Is(err, resource.ErrBuild) || !strings.Contains(err.Error(), "building shop-web failed at STEP 2/2: RUN make") ||
		!strings.Contains(err.Error(), "make: no rule") || strings.Contains(err.Error(), "FROM a") {
		t.Errorf("got %v, want the failing step and the last lines only", err)
	}
	for output, hint := range map[string]string{
		"Error: short-name \"x\" did not resolve":                             "docker.io/library",
		"Error: creating build container: initializing source docker://x:":    "check the image named in FROM",
		"Error: The target \"prod\" was not found in the provided Dockerfile": `"prod" is not a stage`,
		"write /x: no space left on device":                                   "podman system prune",
	} {
		if err := explain(output + "\n"); !strings.Contains(resource.Hint(err), hint) {
			t.Errorf("%s: hint is %q, want %q", output, resource.Hint(err), hint)
		}
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
