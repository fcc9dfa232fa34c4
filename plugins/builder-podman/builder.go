package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// toolName is the program that the builder drives.
const toolName = "podman"

// builder implements sdk.Builder with podman.
type builder struct {
	// chroot is set once podman's own way to run a step has failed on this machine.
	chroot atomic.Bool
}

func newBuilder() *builder { return &builder{} }

// Describe implements sdk.Builder.
func (b *builder) Describe(context.Context) (*sdk.Description, error) {
	return &sdk.Description{
		Name:    "builder-podman",
		Version: sdk.Version,
		Summary: "Builds images with podman.",
		Builder: &sdk.BuilderInfo{Tool: toolName},
	}, nil
}

// Configure implements sdk.Builder. Podman is configured by its own files.
func (b *builder) Configure(context.Context, sdk.Settings) error { return nil }

// Build implements sdk.Builder.
func (b *builder) Build(ctx context.Context, req kinds.BuildRequest, sink resource.Sink) (*kinds.BuildResult, error) {
	result, err := b.build(ctx, req, sink)
	switch {
	case err == nil:
		return result, nil
	case ctx.Err() != nil:
		return nil, resource.ErrAborted.WithText(fmt.Sprintf("building %s was cancelled", req.Name)).Wrap(context.Cause(ctx))
	}
	return nil, err
}

func (b *builder) build(ctx context.Context, req kinds.BuildRequest, sink resource.Sink) (*kinds.BuildResult, error) {
	if err := refuse(req.Build); err != nil {
		return nil, err
	}
	if err := check(req); err != nil {
		return nil, err
	}
	info, err := inspect(ctx)
	if err != nil {
		return nil, unusable(err)
	}
	work, err := newWorkspace(req.OutputDir)
	if err != nil {
		return nil, err
	}
	defer work.remove(ctx, info)
	id, err := b.run(ctx, req, info, work, sink)
	if err != nil {
		return nil, err
	}
	result := &kinds.BuildResult{Digest: id, Builder: toolName, Version: info.Version.Version}
	if id == req.KnownDigest {
		return result, nil
	}
	result.Archive = filepath.Join(req.OutputDir, "image.tar")
	sink.Progress(resource.Progress{Percent: -1, Text: "saving"})
	if err := save(ctx, id, result.Archive, work); err != nil {
		_ = os.Remove(result.Archive)
		return nil, err
	}
	return result, nil
}

// run builds and returns the image's id. Where podman's container runtime does not work, as in many containers and on
// kernels with mixed cgroups, steps run in a chroot instead.
func (b *builder) run(ctx context.Context, req kinds.BuildRequest, info *podmanInfo, work *workspace, sink resource.Sink) (string, error) {
	chosen := os.Getenv("BUILDAH_ISOLATION")
	if chosen == "" && b.chroot.Load() {
		chosen = isolationChroot
	}
	err := b.runOnce(ctx, req, info, work, chosen, sink)
	var broken *runtimeBroken
	if errors.As(err, &broken) && chosen != isolationChroot {
		sink.Notice(resource.LevelInfo, fmt.Sprintf(
			"podman cannot run containers on this machine (%v); the build's steps run in a chroot instead", broken))
		b.chroot.Store(true)
		err = b.runOnce(ctx, req, info, work, isolationChroot, sink)
	}
	if err != nil {
		return "", err
	}
	return work.imageID()
}

const isolationChroot = "chroot"

func (b *builder) runOnce(ctx context.Context, req kinds.BuildRequest, info *podmanInfo, work *workspace, isolation string, sink resource.Sink) error {
	args, err := arguments(req, info, work, isolation)
	if err != nil {
		return err
	}
	log := newLog(sink)
	if err := work.podman(ctx, log, args...); err != nil {
		return log.explain(req, err)
	}
	return nil
}
