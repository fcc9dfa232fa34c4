package main

import (
	"context"
	"errors"
	"fmt"

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

// checkKind refuses what is no volume.
func checkKind(ref resource.Ref) error {
	if ref.Kind == resource.KindStorageVolume {
		return nil
	}
	return resource.ErrUnknownResource.WithResource(ref).WithText("the volume plugin knows no such kind")
}

// Run implements sdk.Provider.
func (p *provider) Run(ctx context.Context, req sdk.RunRequest, sink resource.Sink) (*sdk.RunResult, error) {
	if err := checkKind(req.Resource.Ref); err != nil {
		return nil, err
	}
	s := p.Settings()
	v, err := parse(s, req.Resource)
	if err != nil {
		return nil, err
	}
	var result *sdk.RunResult
	switch req.Action {
	case resource.ActionEnsure:
		result, err = ensure(ctx, s, v, req, sink)
	case resource.ActionDelete:
		result, err = remove(ctx, s, v, req)
	default:
		err = resource.ErrUnsupportedAction.WithHint(fmt.Sprintf("volumes know %v", actions()))
	}
	if errors.Is(err, context.Canceled) {
		err = resource.ErrAborted.Wrap(err)
	}
	if err != nil {
		return nil, resource.AsError(err).WithResource(req.Resource.Ref).WithAction(req.Action)
	}
	return result, nil
}
