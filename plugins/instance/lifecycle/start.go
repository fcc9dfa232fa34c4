package lifecycle

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/console"
	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/reconcile"
	"github.com/icc-project/icc/plugins/instance/spec"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// Start starts the instance and looks whether it still runs afterwards. A free port that turns out to be taken is
// chosen again. Below icc-init, the command has been started when Start returns.
func (m *Manager) Start(ctx context.Context) (*Result, error) {
	s, err := m.equip(ctx)
	if errors.Is(err, errRunning) {
		return &Result{}, nil
	}
	if err != nil {
		return nil, err
	}
	err = m.power(ctx)
	if s != nil && errors.Is(err, resource.ErrNotFound) && ctx.Err() == nil {
		// What this process has seen to is gone again.
		m.Courier.Again()
		if s, err = m.equip(ctx); err == nil {
			err = m.power(ctx)
		}
	}
	if errors.Is(err, errEnded) {
		err = m.onceMore(ctx, s, err)
	}
	switch {
	case errors.Is(err, errRunning):
		return &Result{}, nil
	case err != nil && s != nil:
		return nil, m.obstacle(ctx, err)
	case err != nil:
		return nil, err
	}
	m.forgetPending()
	if s == nil {
		return m.started(ctx)
	}
	return m.commanded(ctx, s)
}

// forgetPending removes the record of what waited for this start. It says nothing about later runs anyway.
func (m *Manager) forgetPending() {
	if !m.waited {
		return
	}
	none := map[string]string{resource.KeyPending: "", spec.KeyPendingRun: ""}
	if err := sdkincus.PatchConfig(m.Server, none, "instances", m.Name); err != nil {
		m.Sink.Notice(resource.LevelDebug, fmt.Sprintf("forgetting what waited for the start of %s: %v", m.Name, err))
	}
}

// power switches the instance on.
func (m *Manager) power(ctx context.Context) error {
	for attempt := 1; ; attempt++ {
		err := m.setState(ctx, api.InstanceStatePut{Action: "start", Timeout: -1})
		if isAlready(err, "running") {
			return errRunning
		}
		if sdkincus.IsEndedEarly(err) {
			return fmt.Errorf("%w: %w", errEnded, err)
		}
		if vagueProxyError(err) && attempt < proxyAttempts {
			continue
		}
		err = startError(m.setupError(m.silentPortError(err)))
		if errors.Is(err, resource.ErrPortInUse) && attempt < proxyAttempts && (m.chooseAgain(ctx, err) || attempt == 1 && m.freeAgain(err)) {
			continue
		}
		return err
	}
}

// commanded looks at an instance with icc-init after its start, and runs its hooks. A job that is done already is fine,
// a command that cannot be run is not.
func (m *Manager) commanded(ctx context.Context, s *supervision) (*Result, error) {
	state, err := m.settle(ctx, s)
	if err == nil {
		if err = m.startFailure(state); err != nil && state.Phase == initspec.PhaseFailed {
			m.AwaitStopped(ctx) // so that what comes next does not take it for running
		}
	}
	if err != nil {
		return nil, err
	}
	inst, _, err := observe.Get(m.Server, m.Name)
	if err != nil {
		return nil, fmt.Errorf("reading instance %q after its start: %w", m.Name, err)
	}
	if orders := spec.Orders(inst.Config); orders != nil {
		if err := m.runHooks(ctx, inst, postStart, orders.PostStart); err != nil {
			return nil, err
		}
	}
	m.proveByStart(ctx, inst)
	return seen(inst, true), nil
}

// setState changes the instance's power state, waiting for other operations on it to end.
func (m *Manager) setState(ctx context.Context, state api.InstanceStatePut) error {
	return m.retry(ctx, func() error {
		op, err := m.Server.UpdateInstanceState(m.Name, state, "")
		if err != nil {
			return sdkincus.MapError(err)
		}
		return sdkincus.Wait(ctx, op)
	})
}

func isAlready(err error, state string) bool {
	return err != nil && strings.Contains(err.Error(), "is already "+state)
}

// proxyAttempts is how often something is tried of which vagueProxyError or a port that was chosen is the only obstacle.
const proxyAttempts = 5

// vagueProxyError reports whether a proxy process died before it could say why, which happens on busy machines when a
// port is taken, for example. Another attempt tells the reason or succeeds.
func vagueProxyError(err error) bool {
	return err != nil && strings.Contains(err.Error(), "Failed to receive fd from listener process")
}

func startError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, resource.ErrPortInUse):
		return err
	case strings.Contains(err.Error(), "address already in use"):
		return portError(err)
	case errors.Is(err, resource.ErrNotFound):
		return err
	case resource.Hint(err) != "": // it is explained already
		return err
	}
	return resource.ErrOperation.WithText("starting failed").WithHint(remedy(err)).Wrap(err)
}

// started looks at the instance after its start. One that has ended already may be a job that is done, which only the
// user can tell, so its last words are a warning and no error. What earlier runs wrote is left out.
func (m *Manager) started(ctx context.Context) (*Result, error) {
	inst, _, err := observe.Get(m.Server, m.Name)
	if err != nil {
		return nil, fmt.Errorf("reading instance %q after its start: %w", m.Name, err)
	}
	if inst.StatusCode == api.Stopped {
		m.Sink.Notice(resource.LevelWarning, m.lastWords(ctx, inst))
		m.note(ctx, spec.Verdict(inst, false))
	} else {
		m.proveByStart(ctx, inst)
	}
	return seen(inst, true), nil
}

func (m *Manager) lastWords(ctx context.Context, inst *api.Instance) string {
	const lines = 5
	argv := spec.SplitArgv(inst.Config["oci.entrypoint"])
	text, err := m.Console.Collect(ctx, inst)
	text = bytes.TrimPrefix(text, m.earlier)
	last := console.Tail(console.Clean(text), lines)
	if err == nil && len(last) == 0 && len(argv) > 0 {
		return fmt.Sprintf("ended at once and wrote nothing; does its command %q exist in the image?", argv[0])
	}
	return "ended at once; it wrote:\n  " + strings.ReplaceAll(strings.TrimRight(string(last), "\n"), "\n", "\n  ")
}

// chooseAgain gives the free port that was taken meanwhile another number, and reports whether it was such a one.
func (m *Manager) chooseAgain(ctx context.Context, taken error) bool {
	at := takenAddress(taken.Error())
	port := at[strings.LastIndex(at, ":")+1:]
	changed := false
	get := func() (*api.Instance, string, error) { return m.Server.GetInstance(m.Name) }
	err := sdkincus.Update(ctx, get, func(inst *api.Instance, etag string) error {
		for name, dev := range inst.Devices {
			if !spec.IsFreePort(name) || !strings.HasSuffix(dev["listen"], ":"+port) {
				continue
			}
			number, err := m.freePort(dev["listen"])
			if err != nil {
				return err
			}
			spec.SetFreePort(dev, number)
			changed = true
		}
		if !changed {
			return nil
		}
		reconcile.Record(inst.Config, spec.Devices(inst.Devices))
		op, err := m.Server.UpdateInstance(m.Name, inst.InstancePut, etag)
		if err != nil {
			return err
		}
		return sdkincus.Wait(ctx, op)
	})
	return changed && err == nil
}
