package containers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/icc-project/icc/sdk/buildtool"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// Tool describes podman or buildah. One made anew has no memory of what an earlier one found out about the host.
func Tool(name string, score int, inspect func(context.Context) (*Engine, error)) buildtool.Tool {
	host := &host{}
	return buildtool.Tool{
		Name:        name,
		Score:       score,
		Install:     fmt.Sprintf("Debian: `apt install %s`", name),
		Unsupported: []string{"entitlements", "no_cache_filter", "privileged", "provenance", "sbom"},
		Refuse:      func(c kinds.BuildConfig) error { return refuse(name, c) },
		Inspect: func(ctx context.Context) (buildtool.Engine, error) {
			engine, err := inspect(ctx)
			if err != nil {
				return nil, err
			}
			engine.tool, engine.host = name, host
			return engine, nil
		},
	}
}

// Engine is podman or buildah as it was found on this host.
type Engine struct {
	Version  string
	Platform string // its own
	// Working is where the tool keeps working containers; empty when that is on another machine.
	Working string
	// Remove are the arguments that remove containers, before their ids.
	Remove []string
	// Archive returns the arguments that write an image.
	Archive func(id, file string) []string
	// History returns the arguments that print an image's config, history and rootfs.diff_ids as JSON.
	History func(id string) []string

	tool string
	host *host
}

// host is what one build finds out about the host and the next one should know.
type host struct {
	// chroot is set once the tool's own way to run a step has failed.
	chroot atomic.Bool
}

// WorkingDir returns where a tool keeps its working containers, by the answer to `info`.
func WorkingDir(graphRoot, driver string) string {
	return filepath.Join(graphRoot, driver+"-containers")
}

// About implements buildtool.Engine.
func (e *Engine) About() buildtool.About {
	return buildtool.About{Version: e.Version, Platforms: []string{e.Platform}}
}

// Check implements buildtool.Checker. Whether steps run in a chroot is often known only when the first one has failed.
func (e *Engine) Check(_ context.Context, c kinds.BuildConfig) error {
	if e.isolation() != isolationChroot {
		return nil
	}
	return e.refuseInChroot(c.Network)
}

// isolation is how the steps are known to run; empty leaves it to the tool.
func (e *Engine) isolation() string {
	if chosen := os.Getenv("BUILDAH_ISOLATION"); chosen != "" || !e.host.chroot.Load() {
		return chosen
	}
	return isolationChroot
}

// Save implements buildtool.Engine.
func (e *Engine) Save(id, file string) []string {
	return e.Archive(strings.TrimPrefix(id, "sha256:"), file)
}

const isolationChroot = "chroot"

// Build implements buildtool.Engine.
func (e *Engine) Build(ctx context.Context, job *buildtool.Job) (string, error) {
	e.sweep(ctx, job)
	chosen := e.isolation()
	cache, err := e.buildOnce(ctx, job, chosen)
	var broken *runtimeBroken
	if errors.As(err, &broken) && chosen != isolationChroot {
		job.Sink.Notice(resource.LevelInfo, fmt.Sprintf(
			"%s cannot run containers on this machine (%v); the build's steps run in a chroot instead", e.tool, broken))
		e.host.chroot.Store(true)
		cache, err = e.buildOnce(ctx, job, isolationChroot)
	}
	if err != nil {
		return "", err
	}
	id, err := job.ImageID(idFile)
	if err != nil {
		return "", err
	}
	return e.known(ctx, job, id, cache), nil
}

func (e *Engine) buildOnce(ctx context.Context, job *buildtool.Job, isolation string) (cache caching, err error) {
	if isolation == isolationChroot {
		if err := e.refuseInChroot(job.Request.Build.Network); err != nil {
			return cache, err
		}
		warnOfChroot(job)
	}
	args, err := arguments(job, e.Platform, isolation)
	if err != nil {
		return cache, err
	}
	log := buildtool.NewLog(job.Sink, cache.findStep)
	err = job.Run(ctx, log, nil, args...)
	switch {
	case err == nil:
		return cache, nil
	case buildtool.Failed(err):
		if reason := brokenRuntime(log.Tail()); reason != "" {
			return cache, resource.ErrBuild.WithText(e.tool + " cannot run containers on this machine").
				WithHint("set BUILDAH_ISOLATION=chroot").Wrap(&runtimeBroken{reason})
		}
	}
	return cache, job.Explain(log, err, func(tail string) string { return advice(tail, e.tool, job.Request.Build.Target) })
}

// refuseInChroot finds a network that steps in a chroot cannot have: they share the host's. Who asks for none would be
// deceived otherwise.
func (e *Engine) refuseInChroot(network string) error {
	if network == "" || network == "default" || network == "host" {
		return nil
	}
	return resource.ErrUnsupported.
		WithText(fmt.Sprintf("builder %s cannot honour build.network %q here: the build's steps run in a chroot", e.tool, network)).
		WithHint("remove it, choose another builder with --builder, or build where containers can run")
}

// warnOfChroot says what steps in a chroot do without: they share the host's /dev/shm.
func warnOfChroot(job *buildtool.Job) {
	if job.Request.Build.ShmSize > 0 {
		job.Sink.Notice(resource.LevelWarning, fmt.Sprintf("building %s: build.shm_size has no effect on steps in a chroot", job.Request.Name))
	}
}
