package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/icc-project/icc/sdk/buildtool"
)

const toolName = "docker"

// score puts docker last: it needs a daemon, and the images are copied out of it.
const score = 30

// tool describes docker.
func tool() buildtool.Tool {
	return buildtool.Tool{
		Name:        toolName,
		Score:       score,
		Install:     "Debian: `apt install docker.io`, and start its engine",
		Unsupported: []string{"privileged", "provenance", "sbom"},
		Inspect:     inspect,
	}
}

// versions is the part of `docker version` that matters here.
type versions struct {
	Client struct{ Version string }
	Server *struct{ Version, Os, Arch string }
}

// inspect asks the command about itself and its engine.
func inspect(ctx context.Context) (buildtool.Engine, error) {
	answer, err := buildtool.Ask(ctx, toolName, "version", "--format", "{{json .}}") // "json" alone is newer than version 20
	if len(answer) == 0 && err != nil {
		return nil, err
	}
	var v versions
	if err := json.Unmarshal(answer, &v); err != nil {
		return nil, fmt.Errorf("docker's answer cannot be read: %w", err)
	}
	if v.Server == nil || v.Server.Version == "" {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, fmt.Errorf("no engine answers%s", address(ctx))
	}
	if err := buildtool.AtLeast("engine", v.Server.Version, 20, 10); err != nil {
		return nil, fmt.Errorf("docker's %w", err)
	}
	_, err = buildtool.Ask(ctx, toolName, "buildx", "version")
	if ctx.Err() != nil { // no answer in time does not mean that there is none
		return nil, context.Cause(ctx)
	}
	return &engine{
		version: v.Server.Version, platform: v.Server.Os + "/" + v.Server.Arch, way: choose(v.Client.Version, err == nil),
		old: buildtool.AtLeast("engine", v.Server.Version, 23, 0) != nil,
	}, nil
}

// address says where the command looks for its engine.
func address(ctx context.Context) string {
	answer, err := buildtool.Ask(ctx, toolName, "context", "inspect", "--format", "{{.Endpoints.docker.Host}}")
	if host := strings.TrimSpace(string(answer)); err == nil && host != "" {
		return " at " + host
	}
	return ""
}

// way is how the command builds.
type way int

const (
	classic  way = iota // the engine's own builder
	embedded            // BuildKit, spoken by the command itself
	buildx              // BuildKit, spoken by a plugin of the command
)

func choose(client string, hasBuildx bool) way {
	switch {
	case hasBuildx:
		return buildx
	case buildtool.AtLeast(toolName, client, 23, 0) == nil:
		return classic
	}
	return embedded
}

// lacks returns the attributes that cannot be honoured that way, and why; old says that the engine is before version 23.
func (w way) lacks(old bool) map[string]string {
	lacks := map[string]string{}
	refuse := func(why string, attributes ...string) {
		for _, attribute := range attributes {
			lacks[attribute] = why
		}
	}
	if old && w != classic {
		refuse("the engine is before version 23", "additional_contexts", "shm_size", "ulimits")
	}
	if w != buildx {
		refuse(noBuildx, "additional_contexts", "cache_to", "entitlements", "no_cache_filter")
	}
	if w == classic {
		refuse(noBuildx, "secrets", "ssh")
	}
	return lacks
}

const noBuildx = "docker's plugin buildx is not installed"
