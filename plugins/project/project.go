package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// get returns an Incus project and its ETag, nil when there is none of that name.
func (s *server) get(name string) (*api.Project, string, error) {
	p, etag, err := s.GetProject(name)
	if sdkincus.IsNotFound(err) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("looking at Incus project %q: %w", name, sdkincus.MapError(err))
	}
	return p, etag, nil
}

// wantedProject returns the configuration of an Incus project of our own, and its marks. Images are shared with all
// other projects instead of copied, networks are the server's; profiles, volumes and buckets are the project's own.
func wantedProject(name string, cfg kinds.ProjectConfig) (want, marks map[string]string) {
	want = map[string]string{
		"features.images":          "false",
		"features.networks":        "false",
		"features.profiles":        "true",
		"features.storage.volumes": "true",
		"features.storage.buckets": "true",
	}
	for k, v := range cfg.Config {
		if !strings.HasPrefix(k, resource.KeyPrefix) {
			want[k] = v
		}
	}
	marks = map[string]string{resource.KeyProject: name, resource.KeyName: name}
	if len(cfg.Files) > 0 {
		marks[resource.KeyFiles] = strings.Join(cfg.Files, ",")
	}
	if cfg.WorkingDir != "" {
		marks[resource.KeyWorkingDir] = cfg.WorkingDir
	}
	return want, marks
}

// projectForm returns what is to be written and how that differs from what is.
func projectForm(name string, cfg kinds.ProjectConfig, current map[string]string) (api.ProjectPut, []resource.FieldChange) {
	want, marks := wantedProject(name, cfg)
	next := merge(current, want, marks)
	next[resource.KeyApplied] = sdkincus.Applied(sdkincus.Pick(next, sdkincus.OwnedNames(next)))
	return api.ProjectPut{Config: next, Description: "Compose project " + name}, differences("", current, next)
}

// projectOutputs returns what an Incus project puts out.
func projectOutputs(p *api.Project, compose string) kinds.ProjectOutputs {
	o := kinds.ProjectOutputs{IncusProject: p.Name}
	if o.Owned = sdkincus.Belongs(p.Config, compose); !o.Owned {
		return o
	}
	o.WorkingDir = p.Config[resource.KeyWorkingDir]
	if files := p.Config[resource.KeyFiles]; files != "" {
		o.Files = strings.Split(files, ",")
	}
	return o
}

// ensureProject makes the Incus project or brings its configuration up to date.
func (s *server) ensureProject(ctx context.Context, req sdk.RunRequest) (*sdk.RunResult, error) {
	name := req.Resource.Name
	cfg, err := projectConfig(req.Resource.Ref, req.Resource.Config)
	if err != nil {
		return nil, err
	}
	p, _, err := s.get(cfg.IncusProject)
	if err != nil {
		return nil, err
	}
	if refused := refuse(p, name, cfg); refused != nil {
		return nil, refused
	}
	created := false
	if p == nil {
		if !req.Options.Create {
			return nil, resource.ErrNotFound.WithText(fmt.Sprintf("Incus project %q does not exist", cfg.IncusProject)).WithHint("create it with `icc up`")
		}
		put, _ := projectForm(name, cfg, nil)
		err := s.CreateProject(api.ProjectsPost{ProjectPut: put, Name: cfg.IncusProject})
		if err != nil && !sdkincus.IsExists(err) {
			return nil, fmt.Errorf("creating Incus project %q: %w", cfg.IncusProject, denied(err))
		}
		created = err == nil
		p = &api.Project{Name: cfg.IncusProject, ProjectPut: put}
	}
	changed := created
	if !created && !cfg.External {
		if p, changed, err = s.updateProject(ctx, name, cfg); err != nil {
			return nil, err
		}
	}
	return &sdk.RunResult{Outputs: sdk.MustEncode(projectOutputs(p, name)), Created: created, Changed: changed}, nil
}

// updateProject writes what differs, with the ETag of what it was computed from.
func (s *server) updateProject(ctx context.Context, name string, cfg kinds.ProjectConfig) (p *api.Project, changed bool, err error) {
	get := func() (*api.Project, string, error) { return s.GetProject(cfg.IncusProject) }
	err = sdkincus.Update(ctx, get, func(current *api.Project, etag string) error {
		p, changed = current, false
		if refused := refuse(current, name, cfg); refused != nil {
			return refused // somebody else has made it since
		}
		put, fields := projectForm(name, cfg, current.Config)
		if len(fields) == 0 {
			return nil
		}
		if err := s.UpdateProject(cfg.IncusProject, put, etag); err != nil {
			return err
		}
		p, changed = &api.Project{Name: cfg.IncusProject, ProjectPut: put}, true
		return nil
	})
	if err != nil {
		return nil, false, fmt.Errorf("updating Incus project %q: %w", cfg.IncusProject, err)
	}
	return p, changed, nil
}

// refuse returns why the Incus project cannot be used, nil when it can.
func refuse(p *api.Project, name string, cfg kinds.ProjectConfig) error {
	switch {
	case cfg.External && p == nil:
		return resource.ErrNotFound.WithText(fmt.Sprintf("Incus project %q does not exist", cfg.IncusProject)).
			WithHint("create it with `incus project create " + cfg.IncusProject + "`, or leave out --incus-project to have icc make one")
	case cfg.External || p == nil || sdkincus.Belongs(p.Config, name):
		return nil
	}
	text := fmt.Sprintf("there is an Incus project %q that icc did not make", p.Name)
	if owner := p.Config[resource.KeyProject]; owner != "" {
		text = fmt.Sprintf("Incus project %q belongs to Compose project %q", p.Name, owner)
	}
	return resource.ErrConflict.WithText(text).
		WithHint("choose another name with -p NAME, or work inside it with --incus-project " + p.Name)
}

// denied explains a refusal to make projects, which restricted certificates meet.
func denied(err error) error {
	if !sdkincus.IsForbidden(err) {
		return sdkincus.MapError(err)
	}
	return resource.ErrPermission.WithText("you may not create Incus projects on this server").Wrap(err).
		WithHint("work inside one that you have access to: --incus-project NAME; `incus project list` shows them")
}
