package main

import (
	"context"
	"encoding/json"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

var _ sdk.Looker = (*provider)(nil)

// Look implements sdk.Looker: the networks as the server lists them.
func (p *provider) Look(ctx context.Context, _ resource.Kind) (json.RawMessage, error) {
	s, err := connect(ctx, p.Settings())
	if err != nil {
		return nil, err
	}
	return s.listing()
}

// existing returns the listing of an earlier Look, or makes one.
func existing(s *server, snapshot json.RawMessage) ([]api.Network, error) {
	if len(snapshot) == 0 {
		var err error
		if snapshot, err = s.listing(); err != nil {
			return nil, err
		}
	}
	return sdkincus.ParseListing[api.Network](snapshot)
}
