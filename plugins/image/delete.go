package main

import (
	"cmp"
	"context"
	"fmt"

	client "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// delete removes an image that no instance of any project uses, or only the reference to it when the image has others.
// What is gone already is a success.
func (p *provider) delete(ctx context.Context, req sdk.RunRequest, sink resource.Sink) (*sdk.RunResult, error) {
	s := p.Settings()
	server, err := incus.Dial(ctx, s)
	if err != nil {
		return nil, err
	}
	if server, err = homeOf(server, s); err != nil {
		return nil, err
	}
	alias := cmp.Or(req.Resource.IncusName, req.State.IncusName, req.Resource.Name)
	found, err := lookup(server, alias)
	if err != nil {
		return nil, err
	}
	j := &job{settings: s, server: server, sink: sink, found: found}
	j.alias = alias
	if found.record.Project != "" || req.Resource.Config == nil {
		defer p.sweepQuietly(ctx, j)
	}
	if !found.exists {
		return &sdk.RunResult{}, nil
	}
	return j.remove(ctx, req.Options.Force)
}

// homeOf returns the server in the project that has the images: when a project of our own is gone already, the images
// that it shared are still in the project "default".
func homeOf(server client.InstanceServer, s sdk.Settings) (client.InstanceServer, error) {
	if !s.ProjectOwned {
		return server, nil
	}
	_, _, err := server.GetProject(s.IncusProject)
	if incus.IsNotFound(err) {
		return server.UseProject(api.ProjectDefaultName), nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking for Incus project %q: %w", s.IncusProject, incus.MapError(err))
	}
	return server, nil
}

func (j *job) remove(ctx context.Context, force bool) (*sdk.RunResult, error) {
	if !j.found.ours {
		j.sink.Notice(resource.LevelInfo, fmt.Sprintf("image %s was not made by icc and stays", j.alias))
		return &sdk.RunResult{}, nil
	}
	n, err := j.users(j.found.Fingerprint)
	if err != nil {
		return nil, err
	}
	if n > 0 && !force {
		j.sink.Notice(resource.LevelInfo, fmt.Sprintf("image %s is still in use and stays", j.alias))
		return &sdk.RunResult{}, nil
	}
	if !j.found.alone() {
		if err := j.server.DeleteImageAlias(j.alias); err != nil && !incus.IsNotFound(err) {
			return nil, fmt.Errorf("removing the name %q: %w", j.alias, incus.MapError(err))
		}
		if digest := j.found.record.Digest; digest != "" && j.found.aliasesWith(digest) == 0 {
			j.forget(ctx, digest)
		}
		return &sdk.RunResult{Changed: true}, nil
	}
	op, err := j.server.DeleteImage(j.found.Fingerprint)
	if err == nil {
		err = incus.Wait(ctx, op)
	}
	if err != nil && !incus.IsNotFound(err) {
		return nil, fmt.Errorf("removing image %q: %w", j.alias, incus.MapError(err))
	}
	return &sdk.RunResult{Changed: true}, nil
}

// sweepQuietly tidies up; that it cannot look is no reason to fail.
func (p *provider) sweepQuietly(ctx context.Context, j *job) {
	list, err := j.server.GetImagesWithFilter([]string{"properties." + resource.KeyProject + "=" + j.settings.ComposeProject})
	if err == nil {
		j.sweep(ctx, list)
	}
}
