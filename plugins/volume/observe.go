package main

import (
	"context"
	"encoding/json"
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

// listings are the custom volumes of pools as the server lists them, by pool.
type listings map[string][]api.StorageVolume

// Look implements sdk.Looker: the volumes of the usual pool. Others are known to matter only when the compose files are
// read.
func (p *provider) Look(ctx context.Context, _ resource.Kind) (json.RawMessage, error) {
	s := p.Settings()
	if s.StoragePool == "" {
		return nil, nil
	}
	server, err := incus.Dial(ctx, s)
	if err != nil {
		return nil, err
	}
	list, err := listPool(server, s.StoragePool)
	if err != nil {
		return nil, err
	}
	return sdk.MustEncode(listings{s.StoragePool: list}), nil
}

// observe lists the volumes of the pools that the declarations use, as far as snapshot does not have them. Without
// declarations it looks into every pool, because nobody says where a former run put them. A pool that is not there is an
// error for who wants volumes in it; for who only looks or removes it is an empty one.
func observe(ctx context.Context, s sdk.Settings, volumes []volume, req sdk.PlanRequest) (observation, error) {
	server, err := incus.Dial(ctx, s)
	if err != nil {
		return nil, err
	}
	known := listings{}
	if len(req.Snapshot) > 0 {
		if err := json.Unmarshal(req.Snapshot, &known); err != nil {
			return nil, fmt.Errorf("reading the listing of volumes: %w", err)
		}
	}
	pools, err := poolsOf(server, s, volumes)
	if err != nil {
		return nil, err
	}
	seen := observation{}
	for _, pool := range pools {
		list, ok := known[pool]
		if !ok {
			list, err = listPool(server, pool)
			if err != nil && (req.Options.Create || !errors.Is(err, resource.ErrNotFound)) {
				return nil, concerning(err, pool, volumes)
			}
		}
		for _, sv := range list {
			seen[place{pool, sv.Name}] = sv
		}
	}
	return seen, nil
}

// concerning names the first of the volumes of a pool in the error about it.
func concerning(err error, pool string, volumes []volume) error {
	i := slices.IndexFunc(volumes, func(v volume) bool { return v.pool == pool })
	if i < 0 {
		return err
	}
	return resource.About(err, volumes[i].ref, "")
}

// listPool lists the custom volumes of one pool; there are none when the Incus project does not exist.
func listPool(server client.InstanceServer, pool string) ([]api.StorageVolume, error) {
	list, err := incus.Listed(server.GetStoragePoolVolumes(pool))
	if errors.Is(err, resource.ErrNotFound) {
		return nil, missingPool(server, pool)
	}
	if err != nil {
		return nil, fmt.Errorf("listing the volumes of storage pool %q: %w", pool, err)
	}
	return slices.DeleteFunc(list, func(sv api.StorageVolume) bool { return sv.Type != volumeType }), nil
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
