package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// score puts podman before builders that need a daemon.
const score = 50

// minMajor is the first version of podman with everything that is used here.
const minMajor = 4

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

// platform is what podman builds for when nothing else is said.
func (i *podmanInfo) platform() string { return i.Host.OS + "/" + i.Host.Arch }

// Probe implements sdk.Builder.
func (b *builder) Probe(ctx context.Context) (*sdk.Probe, error) {
	info, err := inspect(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return &sdk.Probe{Reason: err.Error(), Unsupported: unsupported()}, nil
	}
	return &sdk.Probe{
		Available:   true,
		Version:     info.Version.Version,
		Platforms:   []string{info.platform()},
		Score:       score,
		Unsupported: unsupported(),
	}, nil
}

// inspect asks podman about itself.
func inspect(ctx context.Context) (*podmanInfo, error) {
	path, err := exec.LookPath(toolName)
	if err != nil {
		return nil, errors.New("podman is not installed")
	}
	var stdout, stderr bytes.Buffer
	if err := runGroup(ctx, command{path: path, args: []string{"info", "--format", "json"}, stdout: &stdout, stderr: &stderr}); err != nil {
		return nil, fmt.Errorf("podman does not work: %s", lastLine(stderr.String(), err))
	}
	info := &podmanInfo{}
	if err := json.Unmarshal(stdout.Bytes(), info); err != nil {
		return nil, fmt.Errorf("podman's answer cannot be read: %w", err)
	}
	major, _, _ := strings.Cut(info.Version.Version, ".")
	if n, err := strconv.Atoi(major); err != nil || n < minMajor {
		return nil, fmt.Errorf("podman %s is too old, version %d or later is needed", info.Version.Version, minMajor)
	}
	return info, nil
}

func unusable(err error) error {
	return resource.ErrBuild.WithText(err.Error()).WithHint("install it (Debian: `apt install podman`) or choose another builder with --builder")
}

func lastLine(text string, otherwise error) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return otherwise.Error()
	}
	return strings.TrimPrefix(text[strings.LastIndexByte(text, '\n')+1:], "Error: ")
}
