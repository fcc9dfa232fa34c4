package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/icc-project/icc/sdk/buildtool"
	"github.com/icc-project/icc/sdk/buildtool/containers"
)

const toolName = "buildah"

// score puts buildah after podman, which has the same library and is better known, and before what needs a daemon.
const score = 40

func tool() buildtool.Tool { return containers.Tool(toolName, score, inspect) }

// version is the part of `buildah version` that matters here.
type version struct {
	Version string `json:"version"`
	OSArch  string `json:"osArch"`
}

// store is the part of `buildah info` that matters here.
type store struct {
	Store struct {
		GraphRoot       string
		GraphDriverName string
	} `json:"store"`
}

// inspect asks buildah about itself.
func inspect(ctx context.Context) (*containers.Engine, error) {
	var v version
	if err := ask(ctx, &v, "version", "--json"); err != nil {
		return nil, err
	}
	if err := buildtool.AtLeast(toolName, v.Version, 1, 24); err != nil {
		return nil, err
	}
	var s store
	if err := ask(ctx, &s, "info"); err != nil {
		return nil, err
	}
	return &containers.Engine{
		Version: v.Version, Platform: v.OSArch,
		Working: containers.WorkingDir(s.Store.GraphRoot, s.Store.GraphDriverName), Remove: []string{"rm"}, Archive: archive, History: history,
	}, nil
}

func ask(ctx context.Context, answer any, args ...string) error {
	text, err := buildtool.Ask(ctx, toolName, args...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("buildah's answer to %s cannot be read: %w", args[0], err)
	}
	return nil
}

// archive is Docker's, the only form that keeps the image's configuration as it is. Buildah looks for registries'
// credentials before it notices that no registry is asked, and fails if DOCKER_CONFIG names a directory without them.
func archive(id, file string) []string {
	return []string{"push", "--quiet", "--authfile", os.DevNull, id, "docker-archive:" + file}
}

// history prints the configuration itself.
func history(id string) []string {
	return []string{"inspect", "--type", "image", "--format", "{{.Config}}", id}
}
