package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/reconcile"
	"github.com/icc-project/icc/plugins/instance/spec"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// Ensure brings the instance into the form want. The plan's expectation saves a question when it is a creation; what
// is done is decided by what the server has now, because images and networks may have changed since the plan.
func (m *Manager) Ensure(ctx context.Context, want *spec.Instance, mounts []kinds.Mount, planned resource.Class) (*Result, error) {
	if err := m.hostPaths(mounts); err != nil {
		return nil, err
	}
	if planned == resource.ClassCreate {
		result, err := m.create(ctx, want, nil)
		if !errors.Is(err, errExists) {
			return result, err
		}
	}
	have, err := m.settled(ctx)
	if errors.Is(err, resource.ErrNotFound) {
		return m.create(ctx, want, nil)
	}
	if err != nil {
		return nil, err
	}
	if err := observe.Mine(have, m.Project); err != nil {
		return nil, err
	}
	open := reconcile.KeepPorts(want, spec.Devices(have.Devices))
	switch change := reconcile.Compare(m.Ref, want, have); change.Class {
	case resource.ClassNone:
		return seen(have, false), nil
	case resource.ClassLive:
		m.Sink.Notice(resource.LevelDebug, change.Reason)
		return m.update(ctx, want, open)
	case resource.ClassRestart:
		m.Sink.Notice(resource.LevelDebug, change.Reason)
		return m.rewrite(ctx, want, have, open, planned)
	default:
		m.Sink.Notice(resource.LevelDebug, change.Reason)
		return m.recreate(ctx, want, have)
	}
}

// settled returns the instance once nobody is at work on it any more: the server may still be creating it for a run
// that was interrupted, and one without a hash is being made by another run at this moment, or was left behind by one
// that crashed.
func (m *Manager) settled(ctx context.Context) (*api.Instance, error) {
	m.awaitCreation(ctx)
	const patience = 5 * time.Second
	until := time.Now().Add(patience)
	for {
		have, _, err := observe.Get(m.Server, m.Name)
		if err != nil {
			return nil, fmt.Errorf("reading instance %q: %w", m.Name, err)
		}
		icc := sdkincus.Belongs(have.Config, m.Project)
		if !icc || have.Config[resource.KeyHash] != "" || time.Now().After(until) {
			return have, nil
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(patience / 50):
		}
	}
}

// update applies a change to the instance, running or not, with one write.
func (m *Manager) update(ctx context.Context, want *spec.Instance, open []string) (*Result, error) {
	if err := m.choosePorts(want, open); err != nil {
		return nil, err
	}
	var last *api.Instance
	var before time.Duration
	get := func() (*api.Instance, string, error) { return m.Server.GetInstance(m.Name) }
	put := func(have *api.Instance, etag string) error {
		last, before = have, spec.Grace(have.Config)
		last.InstancePut = reconcile.Merge(want, have.InstancePut)
		op, err := m.Server.UpdateInstance(m.Name, last.InstancePut, etag)
		if err != nil {
			return err
		}
		return sdkincus.Wait(ctx, op)
	}
	if err := m.retry(ctx, func() error { return sdkincus.Update(ctx, get, put) }); err != nil {
		return nil, portError(fmt.Errorf("updating instance %q: %w", m.Name, err))
	}
	m.regrace(ctx, last, before)
	return seen(last, true), nil
}

// regrace tells a running icc-init a new grace period, which is not to wait for the next start.
func (m *Manager) regrace(ctx context.Context, inst *api.Instance, before time.Duration) {
	if now := spec.Grace(inst.Config); now != before && spec.Supervised(inst.Config) && observe.Running(inst.StatusCode) {
		m.setGrace(ctx, inst, now)
	}
}

// rewrite applies a change that takes effect with the next start, and leaves the instance stopped for it: the run goes
// on with the start that was planned. Where none was, because the plan saw less of a change, it is made here.
func (m *Manager) rewrite(ctx context.Context, want *spec.Instance, have *api.Instance, open []string, planned resource.Class) (*Result, error) {
	if _, err := m.Stop(ctx, false); err != nil {
		return nil, err
	}
	result, err := m.update(ctx, want, open)
	unforeseen := planned == resource.ClassNone || planned == resource.ClassLive
	if err == nil && unforeseen && observe.Running(have.StatusCode) {
		return m.Start(ctx)
	}
	return result, err
}

// recreate makes the instance anew. Its volumes stay, its addresses are the network's to keep, its free ports are kept
// in want.
func (m *Manager) recreate(ctx context.Context, want *spec.Instance, have *api.Instance) (*Result, error) {
	m.Sink.Progress(resource.Progress{Percent: -1, Text: "recreating"})
	if _, err := m.Stop(ctx, false); err != nil {
		return nil, err
	}
	if _, err := m.Delete(ctx, false); err != nil {
		return nil, err
	}
	return m.create(ctx, want, have)
}
