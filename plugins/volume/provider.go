package main

import (
	"context"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/sdk/schema"
)

// provider implements sdk.Provider for volumes.
type provider struct{ sdk.Configured }

func newProvider() *provider { return &provider{} }

// Describe implements sdk.Provider.
func (p *provider) Describe(context.Context) (*sdk.Description, error) {
	return &sdk.Description{
		Name:    "volume",
		Version: sdk.Version,
		Summary: "Manages Incus storage volumes: named volumes of Compose, and those with secrets and configs.",
		Kinds: []sdk.Kind{{
			Kind:          resource.KindStorageVolume,
			Priority:      resource.PriorityVolume,
			Actions:       actions(),
			ConfigSchema:  schema.Of(kinds.VolumeConfig{}),
			OutputsSchema: schema.Of(kinds.VolumeOutputs{}),
			NeedsIncus:    true,
		}},
	}, nil
}

func actions() []resource.Action {
	return []resource.Action{resource.ActionEnsure, resource.ActionDelete}
}

// Run implements sdk.Provider.
func (p *provider) Run(ctx context.Context, req sdk.RunRequest, sink resource.Sink) (*sdk.RunResult, error) {
	result, err := p.run(ctx, req, sink)
	return result, resource.About(err, req.Resource.Ref, req.Action)
}

func (p *provider) run(ctx context.Context, req sdk.RunRequest, sink resource.Sink) (*sdk.RunResult, error) {
	if err := sdk.CheckKind(req.Resource.Kind, resource.KindStorageVolume); err != nil {
		return nil, err
	}
	s := p.Settings()
	v, err := parse(s, req.Resource)
	if err != nil {
		return nil, err
	}
	switch req.Action {
	case resource.ActionEnsure:
		return ensure(ctx, s, v, req, sink)
	case resource.ActionDelete:
		return remove(ctx, s, v, req)
	}
	return nil, resource.ErrUnsupportedAction
}
