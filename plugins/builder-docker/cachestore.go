package main

import (
	"context"
	"strings"

	"github.com/icc-project/icc/sdk/buildtool"
	"github.com/icc-project/icc/sdk/resource"
)

// inline is the cache that is part of the image itself, which every engine can write.
const inline = "type=inline"

// refuseCaches finds caches that the engine cannot write: its own BuildKit only writes others than the inline one when it
// keeps its images in containerd. BuildKit of another driver can.
func (e *engine) refuseCaches(ctx context.Context, caches []string) error {
	if e.way != buildx {
		return nil // they are refused anyway
	}
	for _, entry := range caches {
		if entry == inline || strings.HasPrefix(entry, inline+",") {
			continue
		}
		if ownDriver(ctx) && !keepsInContainerd(ctx) {
			return resource.ErrUnsupported.
				WithText("builder docker cannot honour build.cache_to \"" + entry + "\" here: the engine does not keep its images in containerd").
				WithHint("write \"" + inline + "\", turn on the containerd image store, or choose another builder with `docker buildx use` or --builder")
		}
		return nil
	}
	return nil
}

// ownDriver says whether buildx builds with the engine's own BuildKit.
func ownDriver(ctx context.Context) bool {
	answer, err := buildtool.Ask(ctx, toolName, "buildx", "inspect")
	return err == nil && hasDriver(string(answer), "docker")
}

// hasDriver finds "Driver: docker" in what `docker buildx inspect` prints.
func hasDriver(text, driver string) bool {
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(line, ":"); ok && name == "Driver" {
			return strings.TrimSpace(value) == driver
		}
	}
	return false
}

// keepsInContainerd says whether the engine keeps its images in containerd.
func keepsInContainerd(ctx context.Context) bool {
	answer, err := buildtool.Ask(ctx, toolName, "info", "--format", "{{json .DriverStatus}}")
	return err == nil && strings.Contains(string(answer), "io.containerd.snapshotter")
}
