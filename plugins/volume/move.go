package main

import (
	"context"
	"errors"
	"fmt"

	client "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"

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
		if at.pool != v.pool && same && incus.Belongs(sv.Config, v.Project) && sv.Config[kinds.KeyVolumeEphemeral] != "true" {
			return at, true
		}
	}
	return place{}, false
}

// moving is the state of a volume that is going to move: as it will be, for those that mount it.
func (v volume) moving() resource.State {
	return resource.State{
		Ref: v.ref, IncusName: v.incusName, Exists: true, Declared: true, Status: resource.StatusAvailable, Persistent: true,
		Outputs: sdk.MustEncode(kinds.VolumeOutputs{Pool: v.pool, IncusName: v.incusName}),
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

// moveFrom moves the volume to its pool. Its users, who do not run, are without it meanwhile: where Incus 7.0 corrects
// their devices itself, it stands still for half a minute.
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
	detached, err := e.detach(ctx, pool, sv.UsedBy)
	if err == nil {
		err = e.carry(ctx, pool, *sv)
	}
	if err == nil {
		pool = e.pool
	}
	return errors.Join(err, e.attach(context.WithoutCancel(ctx), pool, detached))
}

// carry has the server move the data.
func (e *ensurer) carry(ctx context.Context, pool string, sv api.StorageVolume) error {
	op, err := e.server.MoveStoragePoolVolume(e.pool, e.server, pool, sv, &client.StoragePoolVolumeMoveArgs{
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

// mount is a device of a stopped instance that mounts the volume.
type mount struct {
	instance, device string
	config           map[string]string
}

// detach takes the volume away from the instances that use it. One that runs is an error.
func (e *ensurer) detach(ctx context.Context, pool string, usedBy []string) (out []mount, err error) {
	for _, user := range incus.Users(usedBy) {
		name := user.Name
		if user.Kind != "instance" {
			continue // a profile's device is corrected by Incus
		}
		var found []mount
		read := func() (*api.Instance, string, error) { return e.server.GetInstance(name) }
		err := incus.Update(ctx, read, func(inst *api.Instance, etag string) error {
			if inst.StatusCode != api.Stopped {
				return inUse(e.incusName, user)
			}
			found = nil
			for device, config := range inst.Devices {
				if config["type"] == "disk" && config["pool"] == pool && config["source"] == e.incusName {
					found = append(found, mount{name, device, config})
				}
			}
			for _, m := range found {
				delete(inst.Devices, m.device)
			}
			return e.rewrite(ctx, inst, etag)
		})
		if err != nil {
			return out, fmt.Errorf("taking volume %q away from %s: %w", e.incusName, name, err)
		}
		out = append(out, found...)
	}
	return out, nil
}

// attach gives the volume back to those it was taken from.
func (e *ensurer) attach(ctx context.Context, pool string, mounts []mount) error {
	var failed []error
	for _, m := range mounts {
		read := func() (*api.Instance, string, error) { return e.server.GetInstance(m.instance) }
		err := incus.Update(ctx, read, func(inst *api.Instance, etag string) error {
			m.config["pool"] = pool
			inst.Devices[m.device] = m.config
			return e.rewrite(ctx, inst, etag)
		})
		if err != nil {
			failed = append(failed, fmt.Errorf("giving volume %q back to %s: %w", e.incusName, m.instance, err))
		}
	}
	return errors.Join(failed...)
}

func (e *ensurer) rewrite(ctx context.Context, inst *api.Instance, etag string) error {
	op, err := e.server.UpdateInstance(inst.Name, inst.Writable(), etag)
	if err != nil {
		return err
	}
	return incus.Wait(ctx, op)
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
