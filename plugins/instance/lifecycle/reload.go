package lifecycle

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/reconcile"
	"github.com/icc-project/icc/plugins/instance/runtime"
	"github.com/icc-project/icc/plugins/instance/spec"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// How often icc-init is told: just after its start it does not listen yet, and Incus may just be restarting.
const (
	reloadAttempts = 40
	reloadPause    = 50 * time.Millisecond
)

// inForce corrects a change by what icc-init says of its orders.
func (m *Manager) inForce(ctx context.Context, change resource.Change, have *api.Instance) resource.Change {
	place, ok := runtime.Locate(have)
	if !ok || !reconcile.Doubtful(change, have) {
		return change
	}
	state, _, err := m.Courier.For(place).State(ctx, place.Dir)
	if err != nil {
		m.Sink.Notice(resource.LevelDebug, err.Error())
	}
	return reconcile.InForce(change, have, state)
}

// reload has icc-init follow the orders that were just written to an instance that runs; before is the configuration it
// had. When icc is ended here, or icc-init does not answer, the mark remains and the next comparison finds it.
func (m *Manager) reload(ctx context.Context, inst *api.Instance, before map[string]string) error {
	if !reconcile.Unconfirmed(inst) {
		return nil
	}
	if inst.StatusCode == api.Frozen {
		m.Sink.Notice(resource.LevelWarning, m.Name+" is paused, and follows its new orders after the next `icc up` that finds it running")
		return nil
	}
	code, output, err := m.tellReload(ctx, inst)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err == nil && code == initspec.ReloadDone:
	case err == nil && code == initspec.ReloadRestart:
		m.Sink.Notice(resource.LevelDebug, "some of its orders wait for a start")
	case err == nil && code == initspec.ReloadUnknown:
		m.setGrace(ctx, inst, spec.Grace(inst.Config))
		if !reconcile.ToldOtherwise(before, inst.Config) {
			m.Sink.Notice(resource.LevelWarning, "its icc-init is too old to take new orders while it runs: they count from the next start on")
			return nil
		}
	case m.ended(): // and reads them when it is started again
		return nil
	default:
		return reloadError(m.Name, code, output, err)
	}
	if err := sdkincus.PatchConfig(m.Server, map[string]string{reconcile.KeyReload: ""}, "instances", m.Name); err != nil {
		m.Sink.Notice(resource.LevelDebug, fmt.Sprintf("removing %s: %v", reconcile.KeyReload, err))
	}
	return nil
}

func (m *Manager) tellReload(ctx context.Context, inst *api.Instance) (code int, output []byte, err error) {
	for range reloadAttempts {
		code, output, err = m.applet(ctx, inst, initspec.AppletReload)
		if err == nil && code != appletFailed || ctx.Err() != nil || m.ended() {
			return code, output, err
		}
		if err := sdkincus.Pause(ctx, reloadPause); err != nil {
			return 0, nil, err
		}
	}
	return code, output, err
}

// appletFailed is the exit code of an applet that PID 1 has not answered, or not as it should.
const appletFailed = 1

func reloadError(name string, code int, output []byte, err error) error {
	text := fmt.Sprintf("icc-init of %s does not take its new orders: exit code %d", name, code)
	if said := strings.TrimSpace(string(output)); said != "" {
		text += ": " + said
	}
	return resource.ErrOperation.WithText(text).WithHint("`icc up` tells it again; with the next start of the service they count in any case").Wrap(err)
}
