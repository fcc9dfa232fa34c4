package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

var _ sdk.Looker = (*provider)(nil)

// Look implements sdk.Looker: the networks as the server lists them.
func (p *provider) Look(ctx context.Context, _ resource.Kind) (json.RawMessage, error) {
	s, err := p.configured()
	if err != nil {
		return nil, err
	}
	server, err := connect(ctx, s)
	if err != nil {
		return nil, err
	}
	defer server.close()
	networks, err := server.list()
	if err != nil {
		return nil, err
	}
	return json.Marshal(networks)
}

// existing returns the listing of an earlier Look, or makes one.
func existing(server *server, snapshot json.RawMessage) ([]api.Network, error) {
	if len(snapshot) == 0 {
		return server.list()
	}
	var networks []api.Network
	if err := json.Unmarshal(snapshot, &networks); err != nil {
		return nil, fmt.Errorf("reading the listing of networks: %w", err)
	}
	return networks, nil
}
