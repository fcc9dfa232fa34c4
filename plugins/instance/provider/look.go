package provider

import (
	"context"
	"encoding/json"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/sdk"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

var _ sdk.Looker = (*Provider)(nil)

// Look implements sdk.Looker: the project's instances as the server lists them.
func (p *Provider) Look(ctx context.Context, kind resource.Kind) (json.RawMessage, error) {
	if err := sdk.CheckKind(kind, resource.KindInstance); err != nil {
		return nil, err
	}
	return p.list(ctx)
}

// existing returns the listing of an earlier Look, or makes one.
func (p *Provider) existing(ctx context.Context, snapshot json.RawMessage) ([]api.Instance, error) {
	if len(snapshot) == 0 {
		var err error
		if snapshot, err = p.list(ctx); err != nil {
			return nil, err
		}
	}
	return sdkincus.ParseListing[api.Instance](snapshot)
}

func (p *Provider) list(ctx context.Context) (json.RawMessage, error) {
	if p.config().IncusSocket == "" {
		return nil, nil // planning without a server: nothing exists
	}
	server, err := p.connect(ctx)
	if err != nil {
		return nil, err
	}
	return observe.List(server, p.config().ComposeProject)
}
