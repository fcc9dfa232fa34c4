package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/image/archive"
	"github.com/icc-project/icc/plugins/image/record"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// build asks for a build, and imports the image when the answer has come.
func (p *provider) build(ctx context.Context, j *job, req sdk.RunRequest) (*sdk.RunResult, error) {
	name := req.Resource.Name // the reference, and the platform when there are several
	built, err := decode[kinds.BuildResult](req.Input(resource.Ref{Kind: sdk.NeedBuild, Name: name}))
	if err != nil {
		return nil, err
	}
	if built == nil {
		var known string
		if j.found.exists && j.found.config() != nil && !j.config.Push { // pushing takes an archive
			known = j.found.record.Digest
		}
		return j.needBuild(name, known), nil
	}
	if built.Digest == "" {
		return nil, resource.ErrBuild.WithText(fmt.Sprintf("builder %s returned an image without a digest", built.Builder))
	}
	got, changed := j.found, false
	if !j.found.exists || built.Digest != j.found.record.Digest || j.found.config() == nil {
		if got, err = j.importBuilt(ctx, *built, name); err != nil {
			return nil, err
		}
		changed = true
	}
	if j.config.Push {
		pushed, err := j.pushBuilt(ctx, *built)
		if err != nil {
			return nil, err
		}
		changed = changed || pushed
	}
	return j.result(got, changed), nil
}

// needBuild asks for the image, or for nothing but its digest when that is known.
func (j *job) needBuild(name, known string) *sdk.RunResult {
	request := j.buildRequest()
	request.KnownDigest = known
	return need(name, request)
}

func (j *job) buildRequest() kinds.BuildRequest {
	return kinds.BuildRequest{
		Name: j.config.Reference, Build: *j.config.Build, Platform: cmp.Or(j.config.Platform, j.platform.String()), Services: j.config.Services,
	}
}

func need(name string, request kinds.BuildRequest) *sdk.RunResult {
	return &sdk.RunResult{Needs: []sdk.Need{{Kind: sdk.NeedBuild, Name: name, Request: sdk.MustEncode(request)}}}
}

// importBuilt brings a built image onto the server, unless this project has the same one under another name.
func (j *job) importBuilt(ctx context.Context, built kinds.BuildResult, name string) (image, error) {
	list, err := j.server.GetImagesWithFilter([]string{"properties." + resource.KeyProject + "=" + j.settings.ComposeProject})
	if err != nil {
		return image{}, fmt.Errorf("listing the project's images: %w", incus.MapError(err))
	}
	rec := record.Alias{Digest: built.Digest, Project: j.settings.ComposeProject, Name: name}
	fingerprint := sameImage(list, built.Digest)
	if fingerprint == "" {
		if fingerprint, err = j.importArchive(ctx, built); err != nil {
			return image{}, err
		}
	}
	got, err := j.point(ctx, fingerprint, rec)
	if err == nil {
		j.sweep(ctx, list)
	}
	return got, err
}

func sameImage(list []api.Image, digest string) string {
	for _, img := range list {
		if record.ConfigOf(img.Properties, digest) != nil {
			return img.Fingerprint
		}
	}
	return ""
}

func (j *job) importArchive(ctx context.Context, built kinds.BuildResult) (string, error) {
	img, done, err := archive.Open(ctx, built.Archive)
	if err != nil {
		return "", resource.ErrBuild.WithText(fmt.Sprintf("builder %s left no readable image", built.Builder)).Wrap(err)
	}
	defer done()
	file, err := img.ConfigFile()
	if err != nil {
		return "", fmt.Errorf("reading the built image: %w", err)
	}
	if !j.platform.Runs(file.OS, file.Architecture, file.Variant) {
		return "", resource.ErrBuild.
			WithText(fmt.Sprintf("the image was built for %s/%s, the server needs %s", file.OS, file.Architecture, j.platform)).
			WithHint("set `platform` of the service, and check FROM --platform in the Containerfile")
	}
	config, err := describe(img, built.Digest, j.platform)
	if err != nil {
		return "", err
	}
	return j.upload(ctx, img, config, map[string]string{resource.KeyProject: j.settings.ComposeProject})
}
