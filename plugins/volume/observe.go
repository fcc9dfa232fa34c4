package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	client "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// place is where a volume is.
type place struct{ pool, name string }

// observation is all custom volumes of the Incus project in the pools that matter.
type observation map[place]api.StorageVolume

// observe lists the volumes of the pools that the declarations use. Without declarations it looks into every pool,
// because nobody says where a former run put them.
func observe(ctx context.Context, s sdk.Settings, volumes []volume) (observation, error) {
	server, err := incus.Dial(ctx, s)
	if err != nil {
		return nil, err
	}
	pools, err := poolsOf(server, s, volumes)
	if err != nil {
		return nil, err
	}
	seen := observation{}
	for _, pool := range pools {
		list, err := incus.Listed(server.GetStoragePoolVolumes(pool))
		if errors.Is(err, resource.ErrNotFound) {
			return nil, missingPool(server, pool)
		}
		if err != nil {
			return nil, fmt.Errorf("listing the volumes of storage pool %q: %w", pool, err)
		}
		for _, sv := range list {
			if sv.Type == volumeType {
				seen[place{pool, sv.Name}] = sv
			}
		}
	}
	return seen, nil
}

func poolsOf(server client.InstanceServer, s sdk.Settings, volumes []volume) ([]string, error) {
	if len(volumes) == 0 {
		pools, err := server.GetStoragePoolNames()
		return pools, incus.MapError(err)
	}
	var pools []string
	if s.StoragePool != "" {
		pools = append(pools, s.StoragePool)
	}
	for _, v := range volumes {
		if v.pool == "" {
			return nil, noPool(server)
		}
		pools = append(pools, v.pool)
	}
	slices.Sort(pools)
	return slices.Compact(pools), nil
}

// get reads one volume.
func get(server client.InstanceServer, v volume) (*api.StorageVolume, string, error) {
	sv, etag, err := server.GetStoragePoolVolume(v.pool, volumeType, v.incusName)
	return sv, etag, incus.MapError(err)
}

func missingPool(server client.InstanceServer, pool string) error {
	return resource.ErrNotFound.WithText(fmt.Sprintf("there is no storage pool %q on the server", pool)).
		WithHint(poolHint(server, "correct the volume's pool or create it with `incus storage create "+pool+" dir`"))
}

func noPool(server client.InstanceServer) error {
	return resource.ErrNotFound.WithText("it is not known which storage pool volumes go to").
		WithHint(poolHint(server, "choose one with --storage-pool, or give the default profile a root disk"))
}

func poolHint(server client.InstanceServer, advice string) string {
	names, err := server.GetStoragePoolNames()
	if err != nil || len(names) == 0 {
		return advice
	}
	return advice + "; existing pools: " + strings.Join(names, ", ")
}
