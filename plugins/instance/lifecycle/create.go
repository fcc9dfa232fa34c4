package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/reconcile"
	"github.com/icc-project/icc/plugins/instance/spec"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// errExists says that somebody else created the instance first.
var errExists = errors.New("the instance exists already")

// create makes the instance, stopped. What it made is removed again when it fails. before is the instance that it
// replaces, if any.
func (m *Manager) create(ctx context.Context, want *spec.Instance, before *api.Instance) (*Result, error) {
	var devices spec.Devices
	if before != nil {
		devices = spec.Devices(before.Devices)
	}
	if err := m.choosePorts(want, reconcile.KeepPorts(want, devices)); err != nil {
		return nil, err
	}
	if want.Runtime != nil {
		if err := m.Courier.Prepare(ctx); err != nil {
			return nil, err
		}
	}
	undoVolumes, err := m.anonymousVolumes(want.Volumes)
	if err != nil {
		return nil, err
	}
	err = m.post(ctx, want)
	if errors.Is(err, errExists) {
		return nil, err // the volumes are the other's as well
	}
	if err == nil {
		err = m.finish(ctx, want)
		if err != nil {
			m.discard(ctx)
		}
	}
	if err != nil {
		if ctx.Err() == nil { // else the server may still be at it
			undoVolumes()
		}
		return nil, err
	}
	result := seen(made(want), true)
	result.Created, result.Outputs.CreatedAt = true, time.Now().UTC()
	return result, nil
}

// post creates the instance. While something remains to be done before its first start it has no hash, so that a
// crash is noticed.
func (m *Manager) post(ctx context.Context, want *spec.Instance) error {
	config := maps.Clone(want.Config)
	reconcile.Record(config, want.Devices)
	maps.Copy(config, spec.FirstMACs(want.Devices))
	config[spec.KeyFirst] = want.Version
	if unfinished(want) {
		delete(config, resource.KeyHash)
	}
	op, err := m.Server.CreateInstance(api.InstancesPost{
		Name: want.Name,
		Type: api.InstanceType(want.Type),
		InstancePut: api.InstancePut{
			Config: config, Devices: api.DevicesMap(want.Devices), Profiles: want.Profiles,
		},
		Source: api.InstanceSource{Type: "image", Fingerprint: want.Fingerprint},
	})
	if err == nil {
		err = sdkincus.Wait(ctx, op)
	}
	switch {
	case err == nil:
		return nil
	case sdkincus.IsExists(err), sdkincus.IsBusy(err): // made, or being made, by another run
		return errExists
	case ctx.Err() != nil:
		return err
	}
	return createError(want, err)
}

// createError tells what the user can do about a failed creation.
func createError(want *spec.Instance, err error) error {
	e := resource.ErrCreate.Wrap(sdkincus.MapError(err))
	if sdkincus.IsNotFound(err) {
		return e.WithHint("an image, network, volume or storage pool that the instance uses has disappeared; run the command again")
	}
	if text := err.Error(); strings.Contains(text, "low-level config") && strings.Contains(text, spec.KeyGrace) {
		return e.WithHint("the Incus project is restricted and lets nobody wait longer than 30 s when the host goes down: " +
			"set `stop_grace_period` to 28s or less, and do not switch icc-init off")
	}
	return e.WithHint(remedy(err))
}

// discard removes an instance that could not be finished, even when the run was cancelled meanwhile.
func (m *Manager) discard(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTime)
	defer cancel()
	if _, err := m.Delete(ctx, true); err != nil {
		m.Sink.Notice(resource.LevelWarning, fmt.Sprintf("removing the unfinished instance %s: %v", m.Name, err))
	}
}

// undoTime bounds the removal of what a failed action made.
const undoTime = 20 * time.Second
