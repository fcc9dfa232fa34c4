package containers

import (
	"fmt"
	"strings"
)

// runtimeBroken says that the tool could not even start a step's container.
type runtimeBroken struct{ reason string }

// Error implements error.
func (r *runtimeBroken) Error() string { return r.reason }

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

func advice(tail, tool, target string) string {
	switch {
	case strings.Contains(tail, "short-name"):
		return "write the complete name in FROM, for example docker.io/library/debian:13"
	case strings.Contains(tail, "manifest unknown"), strings.Contains(tail, "initializing source"):
		return "check the image named in FROM, and that its registry can be reached"
	case strings.Contains(tail, "no space left") && tool == "podman":
		return "make room, for example with `podman system prune`"
	case strings.Contains(tail, "no space left"):
		return "make room, for example with `buildah rmi --prune`"
	case strings.Contains(tail, "was not found in the provided Dockerfile"):
		return fmt.Sprintf("check build.target: %q is not a stage of the Containerfile", target)
	}
	return ""
}
