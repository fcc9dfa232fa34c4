package main

import (
	"context"
	"encoding/json"

	incus "github.com/lxc/incus/v6/client"

	"github.com/icc-project/icc/sdk"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/sdk/schema"
)

// provider implements sdk.Provider for projects and profiles.
type provider struct{ sdk.Configured }

func newProvider() *provider { return &provider{} }

// Describe implements sdk.Provider.
func (p *provider) Describe(context.Context) (*sdk.Description, error) {
	return &sdk.Description{
		Name:    "project",
		Version: sdk.Version,
		Summary: "Incus projects of Compose projects, with limits and restrictions, and their profiles.",
		Kinds: []sdk.Kind{
			{
				Kind: resource.KindProject, Priority: resource.PriorityProject, Actions: actions(), NeedsIncus: true,
				ConfigSchema: schema.Of(kinds.ProjectConfig{}), OutputsSchema: schema.Of(kinds.ProjectOutputs{}),
				Calls: calls(),
			},
			{
				Kind: resource.KindProfile, Priority: resource.PriorityProfile, Actions: actions(), NeedsIncus: true,
				ConfigSchema: schema.Of(kinds.ProfileConfig{}), OutputsSchema: schema.Of(kinds.ProfileOutputs{}),
			},
		},
	}, nil
}

func actions() []resource.Action {
	return []resource.Action{resource.ActionEnsure, resource.ActionDelete}
}

func checkKind(kind resource.Kind) error {
	return sdk.CheckKind(kind, resource.KindProject, resource.KindProfile)
}

// server is the connection of one call and what the settings say about it.
type server struct {
	incus.InstanceServer
	settings sdk.Settings
}

func (p *provider) connect(ctx context.Context) (*server, error) {
	s := p.Settings()
	conn, err := sdkincus.Dial(ctx, s)
	if err != nil {
		return nil, err
	}
	return &server{InstanceServer: conn, settings: s}, nil
}

var _ sdk.Looker = (*provider)(nil)

// Look implements sdk.Looker: the Incus project of the Compose project.
func (p *provider) Look(ctx context.Context, kind resource.Kind) (json.RawMessage, error) {
	if err := checkKind(kind); err != nil {
		return nil, err
	}
	s, err := p.connect(ctx)
	if err != nil {
		return nil, err
	}
	if kind != resource.KindProject || s.settings.IncusProject == "" {
		return nil, nil
	}
	found, _, err := s.get(s.settings.IncusProject)
	if err != nil {
		return nil, err
	}
	return sdk.MustEncode(found), nil
}

// Plan implements sdk.Provider.
func (p *provider) Plan(ctx context.Context, req sdk.PlanRequest) (*sdk.PlanResult, error) {
	if err := checkKind(req.Kind); err != nil {
		return nil, err
	}
	s, err := p.connect(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case req.Kind == resource.KindProfile:
		return s.planProfiles(req)
	case len(req.Resolved) == 0 && s.settings.ComposeProject == "":
		return s.listProjects()
	default:
		return s.planProject(req)
	}
}

// Run implements sdk.Provider.
func (p *provider) Run(ctx context.Context, req sdk.RunRequest, sink resource.Sink) (*sdk.RunResult, error) {
	result, err := p.run(ctx, req, sink)
	return result, resource.About(err, req.Resource.Ref, req.Action)
}

func (p *provider) run(ctx context.Context, req sdk.RunRequest, sink resource.Sink) (*sdk.RunResult, error) {
	if err := checkKind(req.Resource.Kind); err != nil {
		return nil, err
	}
	s, err := p.connect(ctx)
	if err != nil {
		return nil, err
	}
	if req.Change.Class == resource.ClassNone && req.Action == resource.ActionEnsure && req.State.Outputs != nil {
		return &sdk.RunResult{Outputs: req.State.Outputs}, nil // Plan has compared everything
	}
	switch req.Resource.Kind {
	case resource.KindProject:
		switch req.Action {
		case resource.ActionEnsure:
			return s.ensureProject(ctx, req)
		case resource.ActionDelete:
			return s.deleteProject(req, sink)
		}
	case resource.KindProfile:
		switch req.Action {
		case resource.ActionEnsure:
			return s.ensureProfile(ctx, req)
		case resource.ActionDelete:
			return s.deleteProfile(req)
		}
	}
	return nil, resource.ErrUnsupportedAction
}
