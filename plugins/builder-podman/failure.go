package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// runtimeBroken says that podman could not even start a step's container.
type runtimeBroken struct{ reason string }

// Error implements error.
func (r *runtimeBroken) Error() string { return r.reason }

// explain says what a failed build means. The last lines are part of the error: the rest may have scrolled away.
func (l *buildLog) explain(req kinds.BuildRequest, err error) error {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		return resource.ErrBuild.WithText("running podman").Wrap(err)
	}
	tail := l.tail()
	if reason := brokenRuntime(tail); reason != "" {
		return resource.ErrBuild.WithText("podman cannot run containers on this machine").
			WithHint("set BUILDAH_ISOLATION=chroot").Wrap(&runtimeBroken{reason})
	}
	return resource.ErrBuild.
		WithText(fmt.Sprintf("building %s failed%s\n%s", req.Name, l.at(), indent(tail))).
		WithHint(advice(tail, req))
}

// brokenRuntime finds the words of a container runtime that did not start; a step that fails by itself has others.
func brokenRuntime(tail string) string {
	if !strings.Contains(tail, "did not get container create message") && !strings.Contains(tail, "creating container for [") {
		return ""
	}
	for line := range strings.Lines(tail) {
		if _, reason, ok := strings.Cut(line, "error running container: "); ok {
			if at := strings.LastIndex(reason, "]: "); at >= 0 {
				reason = reason[at+len("]: "):]
			}
			return strings.TrimSpace(reason)
		}
	}
	return "the container runtime failed"
}

func advice(tail string, req kinds.BuildRequest) string {
	switch {
	case strings.Contains(tail, "short-name"):
		return "write the complete name in FROM, for example docker.io/library/debian:13"
	case strings.Contains(tail, "manifest unknown"), strings.Contains(tail, "initializing source"):
		return "check the image named in FROM, and that its registry can be reached"
	case strings.Contains(tail, "no space left"):
		return "make room, for example with `podman system prune`"
	case strings.Contains(tail, "was not found in the provided Dockerfile"):
		return fmt.Sprintf("check build.target: %q is not a stage of the Containerfile", req.Build.Target)
	}
	return "correct the Containerfile; the lines above are the last that podman printed"
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ")
}
