package main

import (
	"context"
	"errors"
	"fmt"
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
	if err := checkKind(req.Resource.Ref); err != nil {
		return nil, err
	}
	var result *sdk.RunResult
	var err error
	switch req.Action {
	case resource.ActionEnsure:
		result, err = p.ensure(ctx, req, sink)
	case resource.ActionDelete:
		result, err = p.delete(ctx, req, sink)
	case kinds.ActionPush:
		result, err = p.push(ctx, req, sink)
	default:
		err = resource.ErrUnsupportedAction.WithText(fmt.Sprintf("images have no action %q", req.Action))
	}
	switch {
	case errors.Is(err, context.Canceled):
		err = resource.ErrAborted.Wrap(err)
	case errors.Is(err, context.DeadlineExceeded):
		err = resource.ErrTimeout.Wrap(err)
	}
	if err != nil {
		return nil, named(err, req.Action, req.Resource.Ref)
	}
	return result, nil
}

// checkKind refuses what is no image.
func checkKind(ref resource.Ref) error {
	if ref.Kind == resource.KindImage {
		return nil
	}
	return resource.ErrUnknownResource.WithResource(ref).WithText("the image plugin knows no such kind")
}

// named says which resource an error is about. The sentinel and its hint stay what they are.
func named(err error, action resource.Action, ref resource.Ref) error {
	e := resource.AsError(err)
	if e.Cause == nil && e == err {
		return e.WithAction(action).WithResource(ref)
	}
	return &resource.Error{Code: e.Code, Kind: ref.Kind, Name: ref.Name, Action: action, Hint: resource.Hint(err), Cause: err}
}
