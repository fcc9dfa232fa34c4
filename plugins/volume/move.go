package main

import (
	"context"
	"fmt"

	client "github.com/lxc/incus/v6/client"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// pathPool is the field of a change that moves a volume to another storage pool.
const pathPool = "pool"

// searchElsewhere adds what the other storage pools have to seen, where a volume is missing in its own: the declaration
// may have had another pool before, and then the data goes along.
func searchElsewhere(ctx context.Context, s sdk.Settings, volumes []volume, seen observation) error {
	missing, looked := false, map[string]bool{s.StoragePool: true}
	for _, v := range volumes {
		_, there := seen[place{v.pool, v.incusName}]
		missing = missing || !there && v.lasting()
		looked[v.pool] = true
	}
	if !missing {
		return nil
	}
	server, err := incus.Dial(ctx, s)
	if err != nil {
		return err
	}
	pools, err := server.GetStoragePoolNames()
	if err != nil {
		return fmt.Errorf("listing the storage pools: %w", incus.MapError(err))
	}
	for _, pool := range pools {
		if looked[pool] {
			continue
		}
		list, err := listPool(server, pool)
		if err != nil {
			return err
		}
		for _, sv := range list {
			seen[place{pool, sv.Name}] = sv
		}
	}
	return nil
}

// lasting says that the volume is icc's own and holds data.
func (v volume) lasting() bool { return !v.External && !v.ephemeral() }

// elsewhere finds the volume in another pool than its own.
func (o observation) elsewhere(v volume) (place, bool) {
	if !v.lasting() {
		return place{}, false
	}
	for at, sv := range o {
		same := at.name == v.incusName && sv.Config[resource.KeyName] == v.ref.Name
		if at.pool != v.pool && same && incus.Belongs(sv.Config, v.Project) && sv.Config[keyEphemeral] != "true" {
			return at, true
		}
	}
	return place{}, false
}

// moving is the state of a volume that is going to move: as it will be, for those that mount it.
func (v volume) moving() resource.State {
	return resource.State{
		Ref: v.ref, IncusName: v.incusName, Exists: true, Declared: true, Status: resource.StatusAvailable, Persistent: true,
		Outputs: encode(kinds.VolumeOutputs{Pool: v.pool, IncusName: v.incusName}),
	}
}

// move is the change that brings a volume from another pool, while nobody uses it.
func (v volume) move(from place) resource.Change {
	return resource.Change{Ref: v.ref, Class: resource.ClassRestart,
		Reason: fmt.Sprintf("it moves to pool %s with its data", v.pool),
		Fields: []resource.FieldChange{{Path: pathPool, Compose: "driver", Before: from.pool, After: v.pool, Class: resource.ClassRestart}},
	}
}

// movesFrom returns the pool that a planned change takes the volume from, empty when it stays.
func movesFrom(c resource.Change) string {
	for _, f := range c.Fields {
		if f.Path == pathPool {
			return f.Before
		}
	}
	return ""
}

// moveFrom moves the volume to its pool. Incus corrects the devices of the stopped instances that use it.
func (e *ensurer) moveFrom(ctx context.Context, pool string) error {
	old := e.volume
	old.pool = pool
	sv, _, err := get(e.server, old)
	if err != nil {
		return fmt.Errorf("reading volume %q in pool %q: %w", e.incusName, pool, err)
	}
	if e.foreign(*sv) {
		return resource.ErrConflict.WithText(fmt.Sprintf("volume %q in pool %q belongs to somebody else", e.incusName, pool)).
			WithHint("choose another name for the volume, or declare it `external: true`")
	}
	op, err := e.server.MoveStoragePoolVolume(e.pool, e.server, pool, *sv, &client.StoragePoolVolumeMoveArgs{
		StoragePoolVolumeCopyArgs: client.StoragePoolVolumeCopyArgs{Name: e.incusName},
	})
	if err == nil {
		err = waitRemote(ctx, op)
	}
	if err != nil {
		return fmt.Errorf("moving volume %q from pool %q to %q: %w", e.incusName, pool, e.pool, incus.MapError(err))
	}
	return nil
}

// waitRemote waits for an operation between pools; the server finishes what has begun.
func waitRemote(ctx context.Context, op client.RemoteOperation) error {
	done := make(chan error, 1)
	go func() { done <- op.Wait() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
