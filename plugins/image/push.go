package main

import (
	"context"
	"fmt"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/icc-project/icc/plugins/image/archive"
	"github.com/icc-project/icc/plugins/image/reference"
	"github.com/icc-project/icc/plugins/image/registry"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// push writes a built image to the registries of its name and its tags. Incus keeps no layers, so they come from the
// builder's own store. When that has lost the image, the build is repeated and has to arrive at what the server has.
func (p *provider) push(ctx context.Context, req sdk.RunRequest, sink resource.Sink) (*sdk.RunResult, error) {
	j, err := p.newJob(ctx, req, sink)
	if err != nil {
		return nil, err
	}
	if _, err := j.targets(); err != nil {
		return nil, err
	}
	if err := j.lookAtHome(); err != nil {
		return nil, err
	}
	if !j.found.exists {
		return nil, resource.ErrNotFound.
			WithText(fmt.Sprintf("image %s is not built yet", j.alias)).WithHint("build it with `icc build`")
	}
	built, err := decode[kinds.BuildResult](req.Input(resource.Ref{Kind: sdk.NeedBuild, Name: req.Resource.Name}))
	if err != nil {
		return nil, err
	}
	if built == nil {
		// What would make the build another one than the last is left out.
		again := *j.config.Build
		again.NoCache, again.NoCacheFilter, again.Pull = false, nil, false
		j.config.Build = &again
		request := j.buildRequest()
		request.StoredDigest = j.found.record.Digest
		return need(req.Resource.Name, request), nil
	}
	if built.Digest != j.found.record.Digest {
		return nil, resource.ErrConflict.
			WithText(fmt.Sprintf("builder %s does not have the image %s of the server any more, and a build gives another one now",
				built.Builder, j.alias)).
			WithHint("push from where it was built, or build it anew with `icc build --push`")
	}
	changed, err := j.pushBuilt(ctx, *built)
	return &sdk.RunResult{Changed: changed}, err
}

// lookAtHome looks for the image where it has stayed when the project on the server is gone.
func (j *job) lookAtHome() error {
	if j.found.exists {
		return nil
	}
	var err error
	if j.server, err = homeOf(j.server, j.settings); err != nil {
		return err
	}
	j.found, err = lookup(j.server, j.alias)
	return err
}

// pushBuilt writes what was built to all its registries.
func (j *job) pushBuilt(ctx context.Context, built kinds.BuildResult) (changed bool, err error) {
	targets, err := j.targets()
	if err != nil {
		return false, err
	}
	img, done, err := archive.Open(ctx, built.Archive)
	if err != nil {
		return false, resource.ErrBuild.WithText(fmt.Sprintf("builder %s left no readable image", built.Builder)).Wrap(err)
	}
	defer done()
	for _, target := range targets {
		news, err := j.pushTo(ctx, target, img)
		if err != nil {
			return changed, err
		}
		changed = changed || news
	}
	return changed, nil
}

// targets are the references to push to: the image's name and the further tags of its build.
func (j *job) targets() ([]reference.Reference, error) {
	if j.config.Build == nil {
		return nil, resource.ErrConfig.WithText(fmt.Sprintf("image %s is not built here", j.alias)).
			WithHint("only images with a `build` section are pushed")
	}
	out := []reference.Reference{j.ref}
	for _, tag := range j.config.Build.Tags {
		ref, err := reference.Parse(tag, j.settings.Remotes)
		if err != nil {
			return nil, err
		}
		out = append(out, ref)
	}
	for _, ref := range out {
		if ref.Source != reference.OCI || ref.Digest != "" {
			return nil, resource.ErrConfig.WithText(fmt.Sprintf("%s is no name on a registry to push to", ref.Name)).
				WithHint(`name the image with its registry, like "ghcr.io/org/app:1.2"`)
		}
	}
	return out, nil
}

func (j *job) pushTo(ctx context.Context, target reference.Reference, img v1.Image) (changed bool, err error) {
	client, err := registry.New(ctx, target)
	if err != nil {
		return false, err
	}
	text := "pushing " + target.Name
	j.sink.Progress(resource.Progress{Percent: -1, Text: text})
	digest, changed, err := client.Push(img, func(done, total int64) { j.sink.Progress(amount(text, done, total)) })
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	if err != nil {
		return false, err
	}
	j.sink.Notice(resource.LevelInfo, fmt.Sprintf("%s: digest: %s", target.Name, digest))
	return changed, nil
}
