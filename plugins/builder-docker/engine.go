package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/icc-project/icc/sdk/buildtool"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// engine is a Docker engine and the way to build there.
type engine struct {
	version  string
	platform string
	way      way
	old      bool // before version 23
}

// About implements buildtool.Engine.
func (e *engine) About() buildtool.About {
	return buildtool.About{Version: e.version, Platforms: []string{e.platform}, Unsupported: e.way.lacks(e.old)}
}

// Save implements buildtool.Engine.
func (e *engine) Save(id, file string) []string { return []string{"save", "--output", file, id} }

// Clean implements buildtool.Engine. The engine cleans up when the command is gone.
func (e *engine) Clean(context.Context, *buildtool.Job) {}

// Check implements buildtool.Checker.
func (e *engine) Check(ctx context.Context, c kinds.BuildConfig) error {
	if e.way != classic && !slices.Contains([]string{"", "default", "host", "none"}, c.Network) {
		return buildtool.Cannot(toolName, "network", c.Network)
	}
	if _, err := e.way.caches(c); err != nil {
		return err
	}
	if err := e.refuseCaches(ctx, c.CacheTo); err != nil {
		return err
	}
	return e.way.refuseIgnore(c)
}

// Build implements buildtool.Engine.
func (e *engine) Build(ctx context.Context, job *buildtool.Job) (string, error) {
	args, err := e.arguments(job)
	if err != nil {
		return "", err
	}
	log := buildtool.NewLog(job.Sink, e.way.findStep())
	if err := job.Run(ctx, log, e.way.environment(), args...); err != nil {
		return "", job.Explain(log, err, func(tail string) string { return advice(tail, job.Request.Build.Target) })
	}
	id, err := imageID(ctx, job)
	if err != nil {
		return "", err
	}
	return e.known(ctx, job, id, args), nil
}

// imageID returns the engine's id of the image. What buildx itself would say may be the id in another builder's store.
func imageID(ctx context.Context, job *buildtool.Job) (string, error) {
	answer, err := buildtool.Ask(ctx, toolName, "image", "inspect", "--format", "{{.Id}}", job.Request.Name)
	if err != nil {
		return "", resource.ErrBuild.WithText("looking for the image that was built").Wrap(err)
	}
	return strings.TrimSpace(string(answer)), nil
}

// environment chooses the builder behind `docker build`.
func (w way) environment() []string {
	switch w {
	case classic:
		return []string{"DOCKER_BUILDKIT=0"}
	case embedded:
		return []string{"DOCKER_BUILDKIT=1"}
	}
	return nil
}

// advice finds a hint in the last lines of a failed build.
func advice(tail, target string) string {
	has := func(parts ...string) bool {
		for _, part := range parts {
			if strings.Contains(tail, part) {
				return true
			}
		}
		return false
	}
	switch {
	case has("target stage"), has("failed to reach build target"):
		return fmt.Sprintf("check build.target: %q is not a stage of the Containerfile", target)
	case has("pull access denied", "failed to resolve source metadata", "manifest unknown", "manifest for"), fetching(tail):
		return "check the image named in FROM, and that its registry can be reached"
	case has("granting entitlement"):
		return "remove build.entitlements, or let the engine's configuration allow it (see buildkit's insecure-entitlements)"
	case has("no space left"):
		return "make room, for example with `docker system prune`"
	case has("the --mount option requires BuildKit"):
		return "install docker's plugin buildx (Debian: `apt install docker-buildx`)"
	}
	return ""
}

// fetching says whether the classic builder's last step was to fetch a base image.
func fetching(tail string) bool {
	var last string
	for line := range strings.Lines(tail) {
		if _, ok := findClassic(line); ok {
			last = line
		}
	}
	return strings.Contains(last, " : FROM ")
}
