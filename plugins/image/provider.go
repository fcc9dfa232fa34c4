package main

import (
	"context"
	"time"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/sdk/schema"
)

// provider implements sdk.Provider for images.
type provider struct {
	sdk.Configured
	// now is the clock; pull policies like "daily" depend on it.
	now func() time.Time
}

func newProvider() *provider { return &provider{now: time.Now} }

// actions returns what can be done with an image.
func actions() []resource.Action {
	return []resource.Action{resource.ActionEnsure, resource.ActionDelete, kinds.ActionPush}
}

// Describe implements sdk.Provider.
func (p *provider) Describe(context.Context) (*sdk.Description, error) {
	return &sdk.Description{
		Name:    "image",
		Version: sdk.Version,
		Summary: "Pulls images from registries and image servers, and imports built ones.",
		Kinds: []sdk.Kind{{
			Kind:          resource.KindImage,
			Priority:      resource.PriorityImage,
			Actions:       actions(),
			ConfigSchema:  schema.Of(kinds.ImageConfig{}),
			OutputsSchema: schema.Of(kinds.ImageOutputs{}),
			Calls:         []string{kinds.CallCache, kinds.CallPrune},
			NeedsIncus:    true,
		}},
	}, nil
}

// Run implements sdk.Provider.
func (p *provider) Run(ctx context.Context, req sdk.RunRequest, sink resource.Sink) (*sdk.RunResult, error) {
	result, err := p.run(ctx, req, sink)
	return result, resource.About(err, req.Resource.Ref, req.Action)
}

func (p *provider) run(ctx context.Context, req sdk.RunRequest, sink resource.Sink) (*sdk.RunResult, error) {
	if err := sdk.CheckKind(req.Resource.Kind, resource.KindImage); err != nil {
		return nil, err
	}
	switch req.Action {
	case resource.ActionEnsure:
		return p.ensure(ctx, req, sink)
	case resource.ActionDelete:
		return p.delete(ctx, req, sink)
	case kinds.ActionPush:
		return p.push(ctx, req, sink)
	}
	return nil, resource.ErrUnsupportedAction
}
