package lifecycle

import (
	"context"
	"fmt"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/reconcile"
	"github.com/icc-project/icc/plugins/instance/spec"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// update applies a change to the instance, running or not, with one write. Where the server turns out to be unable to do
// so while the instance runs, the next attempt restarts it.
func (e *ensuring) update(ctx context.Context, have *api.Instance, etag string, open []string) (*Result, error) {
	last, err := e.write(ctx, e.want, have, etag, open)
	if err != nil && have.StatusCode != api.Stopped && needsStop(err) && e.least == resource.ClassNone {
		e.Sink.Notice(resource.LevelWarning, fmt.Sprintf("restarting it, because the server cannot change it while it runs: %v", err))
		e.least = resource.ClassRestart
		return nil, errAgain
	}
	if err != nil {
		return nil, err
	}
	if err := e.reload(ctx, last, have.Config); err != nil {
		return nil, err
	}
	return seen(last, true), nil
}

// needsStop says whether the server refuses a change only because the instance runs.
func needsStop(err error) bool {
	text := err.Error()
	return strings.Contains(text, "when instance is running") || strings.Contains(text, "Failed to add mount for device inside container")
}

// rewrite applies a change that takes effect with the next start to the stopped instance.
func (e *ensuring) rewrite(ctx context.Context, have *api.Instance, etag string, open []string) (*Result, error) {
	if err := e.furnish(ctx, e.want); err != nil {
		return nil, err
	}
	last, err := e.write(ctx, e.want, have, etag, open)
	if err != nil {
		return nil, err
	}
	return seen(last, true), nil
}

// postpone writes what does not disturb the running instance, and remembers what waits for its next start.
func (e *ensuring) postpone(ctx context.Context, have *api.Instance, etag string, open []string, change resource.Change) (*Result, error) {
	now, pending, partly := reconcile.Postpone(e.want, have, change)
	if len(change.Fields) == 0 || strings.Join(pending, ",") == have.Config[resource.KeyPending] && !partly {
		return seen(have, false), nil
	}
	now.Config[resource.KeyPending], now.Config[spec.KeyPendingRun] = strings.Join(pending, ","), observe.Run(have)
	last, err := e.write(ctx, now, have, etag, open)
	if err != nil {
		return nil, err
	}
	if err := e.reload(ctx, last, have.Config); err != nil {
		return nil, err
	}
	e.Sink.Notice(resource.LevelWarning, "goes on running; "+waits(pending, partly))
	return seen(last, true), nil
}

// waits says what becomes of a change that was postponed.
func waits(pending []string, partly bool) string {
	if partly {
		return strings.Join(pending, ", ") + " waits for an `icc up` that may restart it"
	}
	return strings.Join(pending, ", ") + " takes effect when it is started again"
}

// write puts the configuration together with what others have added, and sends it unless the instance has changed since
// it was read.
func (e *ensuring) write(ctx context.Context, want *spec.Instance, have *api.Instance, etag string, open []string) (*api.Instance, error) {
	if err := e.choosePorts(want, open); err != nil {
		return nil, err
	}
	kept := want
	if !e.expect.RevertDrift {
		kept = reconcile.Keep(want, have)
	}
	last := *have
	last.InstancePut = reconcile.Merge(kept, have.InstancePut)
	reconcile.RecordAs(last.Config, spec.Devices(last.Devices), want, kept)
	reconcile.MarkReload(last.Config, have)
	if have.StatusCode == api.Stopped {
		delete(last.Config, resource.KeyPending)
		delete(last.Config, spec.KeyPendingRun)
	}
	if err := e.portsFree(spec.Devices(last.Devices), have); err != nil {
		return nil, err
	}
	if err := e.send(ctx, last.InstancePut, etag); err != nil {
		if !sdkincus.IsPreconditionFailed(err) {
			e.revive(ctx, spec.Devices(last.Devices), have)
		}
		return nil, err
	}
	return &last, nil
}

// send writes the whole configuration. A conflict is returned as the server says it.
func (m *Manager) send(ctx context.Context, put api.InstancePut, etag string) error {
	attempt := func() error {
		op, err := m.Server.UpdateInstance(m.Name, put, etag)
		if err != nil {
			return err
		}
		return sdkincus.Wait(ctx, op)
	}
	err := m.retry(ctx, attempt)
	for again := 1; vagueProxyError(err) && again < proxyAttempts; again++ {
		err = m.retry(ctx, attempt)
	}
	if err == nil || sdkincus.IsPreconditionFailed(err) {
		return err
	}
	failed := fmt.Errorf("updating instance %q: %w", m.Name, sdkincus.MapError(err))
	if hint := remedy(err); hint != "" {
		return resource.ErrOperation.WithHint(hint).Wrap(failed)
	}
	return portError(failed)
}
