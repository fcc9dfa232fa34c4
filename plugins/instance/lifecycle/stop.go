package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/resource"
)

// Stop stops the instance: gracefully first, then by force, or by force at once.
func (m *Manager) Stop(ctx context.Context, force bool) (*Result, error) {
	if force {
		return m.halted(m.kill(ctx))
	}
	grace := m.Grace
	if grace == 0 {
		inst, _, err := observe.Get(m.Server, m.Name)
		if errors.Is(err, resource.ErrNotFound) {
			return &Result{}, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading instance %q: %w", m.Name, err)
		}
		if inst.StatusCode == api.Stopped {
			return seen(inst, false), nil
		}
		grace = spec.Grace(inst.Config)
	}
	return m.halted(m.halt(ctx, grace))
}

// halt asks the instance to stop, and kills it when it has not done so in time.
func (m *Manager) halt(ctx context.Context, grace time.Duration) error {
	seconds := max(1, int((grace+time.Second-1)/time.Second))
	err := m.setState(ctx, api.InstanceStatePut{Action: "stop", Timeout: seconds})
	if err == nil || isAlready(err, "stopped") || errors.Is(err, resource.ErrNotFound) || ctx.Err() != nil {
		return err
	}
	m.Sink.Notice(resource.LevelDebug, fmt.Sprintf("%s did not stop by itself: %v", m.Name, err))
	return m.kill(ctx)
}

func (m *Manager) kill(ctx context.Context) error {
	return m.setState(ctx, api.InstanceStatePut{Action: "stop", Timeout: -1, Force: true})
}

// halted turns what a stop returned into a result: what is gone or stopped already needed nothing.
func (m *Manager) halted(err error) (*Result, error) {
	switch {
	case err == nil:
		return &Result{Changed: true}, nil
	case isAlready(err, "stopped"), errors.Is(err, resource.ErrNotFound):
		return &Result{}, nil
	}
	return nil, fmt.Errorf("stopping instance %q: %w", m.Name, err)
}
