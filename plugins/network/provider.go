package main

import (
	"context"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/sdk/schema"
)

// provider implements sdk.Provider and sdk.Caller for networks.
type provider struct{ sdk.Configured }

func newProvider() *provider { return &provider{} }

// Describe implements sdk.Provider.
func (p *provider) Describe(context.Context) (*sdk.Description, error) {
	return &sdk.Description{
		Name:    "network",
		Version: sdk.Version,
		Summary: "Networks with fixed addresses, DNS records and isolation, as bridges of Incus.",
		Kinds: []sdk.Kind{{
			Kind:       resource.KindNetwork,
			Priority:   resource.PriorityNetwork,
			Actions:    actions(),
			Calls:      []string{callBridgeIPs, callRecords, callUpdateAliases, resource.VerbReroute},
			NeedsIncus: true,

			ConfigSchema:  schema.Of(kinds.NetworkConfig{}),
			OutputsSchema: schema.Of(kinds.NetworkOutputs{}),
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
	if err := sdk.CheckKind(req.Resource.Kind, resource.KindNetwork); err != nil {
		return nil, err
	}
	s, err := connect(ctx, p.Settings())
	if err != nil {
		return nil, err
	}
	switch req.Action {
	case resource.ActionEnsure:
		return ensure(ctx, s, req)
	case resource.ActionDelete:
		return remove(ctx, s, req, sink)
	}
	return nil, resource.ErrUnsupportedAction
}
