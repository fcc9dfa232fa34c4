package provider

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

var _ sdk.Looker = (*Provider)(nil)

// Look implements sdk.Looker: the project's instances as the server lists them.
func (p *Provider) Look(ctx context.Context, kind resource.Kind) (json.RawMessage, error) {
	if err := checkKind(resource.Ref{Kind: kind}); err != nil {
		return nil, err
	}
	instances, err := p.list(ctx)
	if err != nil {
		return nil, err
	}
	return json.Marshal(instances)
}

// existing returns the listing of an earlier Look, or makes one.
func (p *Provider) existing(ctx context.Context, snapshot json.RawMessage) ([]api.Instance, error) {
	if len(snapshot) == 0 {
		return p.list(ctx)
	}
	var instances []api.Instance
	if err := json.Unmarshal(snapshot, &instances); err != nil {
		return nil, fmt.Errorf("reading the listing of instances: %w", err)
	}
	return instances, nil
}

func (p *Provider) list(ctx context.Context) ([]api.Instance, error) {
	if p.config().IncusSocket == "" {
		return nil, nil // planning without a server: nothing exists
	}
	server, err := p.connect(ctx)
	if err != nil {
		return nil, err
	}
	return observe.List(server, p.config().ComposeProject)
}
