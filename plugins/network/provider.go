package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/sdk/schema"
)

// provider implements sdk.Provider and sdk.Caller for networks.
type provider struct {
	settings atomic.Pointer[sdk.Settings]
}

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

// Configure implements sdk.Provider.
func (p *provider) Configure(_ context.Context, s sdk.Settings) error {
	p.settings.Store(&s)
	return nil
}

// configured returns the settings, or an error before Configure.
func (p *provider) configured() (sdk.Settings, error) {
	s := p.settings.Load()
	if s == nil {
		return sdk.Settings{}, resource.ErrPlugin.WithText("the network plugin was used before it was configured")
	}
	return *s, nil
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
	s, err := p.configured()
	if err != nil {
		return nil, err
	}
	server, err := connect(ctx, s)
	if err != nil {
		return nil, err
	}
	defer server.close()
	switch req.Action {
	case resource.ActionEnsure:
		return ensure(ctx, server, req)
	case resource.ActionDelete:
		return remove(ctx, server, req, sink)
	}
	return nil, resource.ErrUnsupportedAction
}

// checkKind refuses what is no network.
func checkKind(kind resource.Kind) error {
	if kind == resource.KindNetwork {
		return nil
	}
	return resource.ErrUnknownResource.WithText(fmt.Sprintf("the network plugin knows no kind %q", kind))
}

// encode turns outputs into their wire form.
func encode(v any) (json.RawMessage, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encoding outputs: %w", err)
	}
	return raw, nil
}
