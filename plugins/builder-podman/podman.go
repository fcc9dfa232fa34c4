package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/icc-project/icc/sdk/buildtool"
	"github.com/icc-project/icc/sdk/buildtool/containers"
)

const toolName = "podman"

// score puts podman first: it needs no daemon, and it is made for this.
const score = 50

func tool() buildtool.Tool { return containers.Tool(toolName, score, inspect) }

// podmanInfo is the part of `podman info` that matters here.
type podmanInfo struct {
	Host struct {
		Arch            string `json:"arch"`
		OS              string `json:"os"`
		ServiceIsRemote bool   `json:"serviceIsRemote"`
	} `json:"host"`
	Store struct {
		GraphRoot       string `json:"graphRoot"`
		GraphDriverName string `json:"graphDriverName"`
	} `json:"store"`
	Version struct {
		Version string `json:"Version"`
	} `json:"version"`
}

// inspect asks podman about itself.
func inspect(ctx context.Context) (*containers.Engine, error) {
	answer, err := buildtool.Ask(ctx, toolName, "info", "--format", "json")
	if err != nil {
		return nil, err
	}
	var info podmanInfo
	if err := json.Unmarshal(answer, &info); err != nil {
		return nil, fmt.Errorf("podman's answer cannot be read: %w", err)
	}
	if err := buildtool.AtLeast(toolName, info.Version.Version, 4, 0); err != nil {
		return nil, err
	}
	engine := &containers.Engine{
		Version: info.Version.Version, Platform: info.Host.OS + "/" + info.Host.Arch,
		Remove: []string{"rm", "--force"}, Archive: archive, History: history,
	}
	if !info.Host.ServiceIsRemote {
		engine.Working = containers.WorkingDir(info.Store.GraphRoot, info.Store.GraphDriverName)
	}
	return engine, nil
}

// archive is Docker's, the only form that keeps podman's configuration as it is.
func archive(id, file string) []string {
	return []string{"save", "--quiet", "--format", "docker-archive", "--output", file, id}
}

// history prints what podman has of an image's configuration in the form that the configuration itself has.
func history(id string) []string {
	const form = `{"config":{{json .Config}},"history":{{json .History}},"rootfs":{"diff_ids":{{json .RootFS.Layers}}}}`
	return []string{"image", "inspect", "--format", form, id}
}
