package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// Stop stops the instance: gracefully first, then by force, or by force at once. What the service is to be told, and
// for how long, is read from the server, because the instance may be older than the compose file.
func (m *Manager) Stop(ctx context.Context, force bool) (*Result, error) {
	if force {
		return m.halted(m.kill(ctx))
	}
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
	grace := m.Grace
	if grace == 0 {
		grace = spec.Grace(inst.Config)
	}
	orders := spec.Orders(inst.Config)
	if orders == nil || !observe.Running(inst.StatusCode) {
		return m.halted(m.halt(ctx, grace))
	}
	if err := m.runHooks(ctx, inst, preStop, orders.PreStop); err != nil && !m.ended() {
		return nil, err
	}
	if orders.Takeover {
		return m.halted(m.signalled(ctx, inst, orders.StopSignal, grace))
	}
	if m.Grace > 0 {
		m.setGrace(ctx, inst, grace)
	}
	return m.halted(m.halt(ctx, grace+killMargin))
}

// killMargin is how much longer than the grace period a stop waits for icc-init, which kills at the end of that, and then
// gives a slow disk its time for the log before it tells the end.
const killMargin = 15 * time.Second

// ended says whether the instance has stopped meanwhile, so that nothing is left to do in it.
func (m *Manager) ended() bool {
	inst, _, err := observe.Get(m.Server, m.Name)
	return errors.Is(err, resource.ErrNotFound) || err == nil && inst.StatusCode == api.Stopped
}

// setGrace tells icc-init another grace period for the next stop. Without an answer it keeps its own.
func (m *Manager) setGrace(ctx context.Context, inst *api.Instance, grace time.Duration) {
	code, output, err := m.applet(ctx, inst, initspec.AppletGrace, strconv.FormatInt(grace.Milliseconds(), 10))
	if err != nil || code != 0 {
		m.Sink.Notice(resource.LevelDebug, fmt.Sprintf("setting the grace period of %s: exit code %d, %v, %s", m.Name, code, err, output))
	}
}

// signalled stops an instance whose PID 1 is the service's own: icc-init is no more there to pass a stop on.
func (m *Manager) signalled(ctx context.Context, inst *api.Instance, signal string, grace time.Duration) error {
	const interval = 50 * time.Millisecond
	if signal == "" {
		signal = "SIGTERM"
	}
	code, output, err := m.applet(ctx, inst, initspec.AppletKill, signal)
	if err != nil || code != 0 {
		m.Sink.Notice(resource.LevelDebug, fmt.Sprintf("sending %s to %s: exit code %d, %v, %s", signal, m.Name, code, err, output))
	}
	for until := time.Now().Add(grace); time.Now().Before(until); {
		if m.ended() {
			_, err := m.cleared(ctx)
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(interval):
		}
	}
	return m.kill(ctx)
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
