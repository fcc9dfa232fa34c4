package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	client "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// ensurer brings one volume into its declared form.
type ensurer struct {
	volume
	settings sdk.Settings
	server   client.InstanceServer
	sink     resource.Sink
}

func ensure(ctx context.Context, s sdk.Settings, v volume, req sdk.RunRequest, sink resource.Sink) (*sdk.RunResult, error) {
	if req.Change.Class == resource.ClassNone && req.State.Exists {
		return &sdk.RunResult{Outputs: req.State.Outputs}, nil
	}
	server, err := incus.Dial(ctx, s)
	if err != nil {
		return nil, err
	}
	if v.pool == "" {
		return nil, noPool(server)
	}
	e := &ensurer{volume: v, settings: s, server: server, sink: sink}
	if err := e.checkExtensions(); err != nil {
		return nil, err
	}
	current, _, err := get(server, v)
	moved := false
	if from := movesFrom(req.Change); from != "" && errors.Is(err, resource.ErrNotFound) {
		if err := e.moveFrom(ctx, from); err != nil {
			return nil, err
		}
		moved = true
		current, _, err = get(server, v)
	}
	switch {
	case errors.Is(err, resource.ErrNotFound) && v.External:
		return nil, v.missingExternal(s)
	case errors.Is(err, resource.ErrNotFound) && !req.Options.Create:
		return nil, resource.ErrNotEnsured.WithHint("create it with `icc up`")
	case errors.Is(err, resource.ErrNotFound):
		return e.create(ctx)
	case err != nil:
		return nil, fmt.Errorf("reading volume %q: %w", v.incusName, err)
	case req.Change.Class == resource.ClassRecreate && e.change(*current, true).Class == resource.ClassRecreate && !e.foreign(*current):
		return e.renew(ctx, *current)
	}
	result, err := e.adjust(ctx, *current)
	if err == nil {
		result.Changed = result.Changed || moved
	}
	return result, err
}

// renew makes the volume anew, without what is in it. The core has asked whoever runs it, and cleared its users away.
func (e *ensurer) renew(ctx context.Context, sv api.StorageVolume) (*sdk.RunResult, error) {
	if len(sv.UsedBy) > 0 {
		return nil, inUse(e.incusName, incus.Users(sv.UsedBy)...)
	}
	if err := e.server.DeleteStoragePoolVolume(e.pool, volumeType, e.incusName); err != nil && !incus.IsNotFound(err) {
		return nil, fmt.Errorf("deleting volume %q: %w", e.incusName, incus.MapError(err))
	}
	return e.create(ctx)
}

// checkExtensions refuses what an older server cannot do, before anything is made.
func (e *ensurer) checkExtensions() error {
	if len(e.Files) > 0 || e.Seed != "" {
		return needExtension(e.settings, "custom_volume_sftp")
	}
	return nil
}

// letIn lets everybody look into a new volume, as into Docker's: Incus' own mode, 0711, keeps services that do not run as
// root from listing theirs. What the image has at the mount point replaces the mode, and it cannot be set later.
func (e *ensurer) letIn(config map[string]string) {
	const mode = "initial.mode"
	if config[mode] == "" && slices.Contains(e.settings.APIExtensions, "storage_initial_owner") {
		config[mode] = "0755"
	}
}

// create makes the volume, fills it, and takes it away again when that fails.
func (e *ensurer) create(ctx context.Context) (*sdk.RunResult, error) {
	config := e.wanted()
	e.letIn(config)
	filling := len(e.Files) > 0 || e.Seed != ""
	if filling {
		config[keyIncomplete] = "true"
	}
	err := e.server.CreateStoragePoolVolume(e.pool, api.StorageVolumesPost{
		Name: e.incusName, Type: volumeType, ContentType: "filesystem",
		StorageVolumePut: api.StorageVolumePut{Config: config},
	})
	switch {
	case incus.IsExists(err): // another run was faster
		current, _, err := get(e.server, e.volume)
		if err != nil {
			return nil, fmt.Errorf("reading volume %q: %w", e.incusName, err)
		}
		return e.adjust(ctx, *current)
	case incus.IsNotFound(err) && !incus.IsProjectMissing(err):
		return nil, missingPool(e.server, e.pool)
	case err != nil:
		return nil, fmt.Errorf("creating volume %q in pool %q: %w", e.incusName, e.pool, incus.MapError(err))
	}
	if filling {
		if err := e.fill(ctx, nil); err != nil {
			return nil, errors.Join(err, e.undo())
		}
	}
	return &sdk.RunResult{
		Created: true, Changed: true,
		Outputs: sdk.MustEncode(kinds.VolumeOutputs{Pool: e.pool, IncusName: e.incusName, Ephemeral: e.ephemeral()}),
	}, nil
}

func (e *ensurer) undo() error {
	err := e.server.DeleteStoragePoolVolume(e.pool, volumeType, e.incusName)
	if err != nil && !incus.IsNotFound(err) {
		return fmt.Errorf("removing the half-made volume %q: %w", e.incusName, err)
	}
	return nil
}

// adjust changes what differs, and writes nothing when nothing does.
func (e *ensurer) adjust(ctx context.Context, sv api.StorageVolume) (*sdk.RunResult, error) {
	result := &sdk.RunResult{Outputs: sdk.MustEncode(outputs(e.pool, e.foreign(sv), sv))}
	if e.foreign(sv) || e.change(sv, true).Class == resource.ClassNone {
		return result, nil
	}
	if err := e.fill(ctx, sv.Config); err != nil {
		return nil, err
	}
	result.Outputs, result.Changed = sdk.MustEncode(e.adjusted(sv)), true
	return result, nil
}

// fill writes the files that differ from what current records, and then the configuration. An interrupted run
// leaves a record that is too old, never one that promises too much.
func (e *ensurer) fill(ctx context.Context, current map[string]string) error {
	if e.Seed != "" && (current == nil || current[keyIncomplete] != "") {
		if err := e.seed(ctx); err != nil {
			return err
		}
	}
	contents := readContents(current)
	if len(e.Files) > 0 {
		var err error
		if contents, err = e.writeFiles(ctx, contents); err != nil {
			return err
		}
	}
	return e.configure(ctx, contents)
}

// configure writes the wanted keys, removes those no longer wanted and leaves everybody else's alone.
func (e *ensurer) configure(ctx context.Context, contents contents) error {
	read := func() (*api.StorageVolume, string, error) { return get(e.server, e.volume) }
	err := incus.Update(ctx, read, func(sv *api.StorageVolume, etag string) error {
		unwanted := append(e.unwanted(sv.Config), keyIncomplete, keyContents)
		put := sv.Writable()
		for _, k := range unwanted {
			delete(put.Config, k)
		}
		put.Config = incus.Merge(put.Config, e.wanted(), contents.config())
		return e.server.UpdateStoragePoolVolume(e.pool, volumeType, e.incusName, put, etag)
	})
	if err != nil {
		return fmt.Errorf("changing volume %q: %w", e.incusName, err)
	}
	return nil
}
