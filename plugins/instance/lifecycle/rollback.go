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
	"github.com/icc-project/icc/sdk/resource"
)

// remember notes what the instance is, before it becomes another.
func (e *ensuring) remember(have *api.Instance, class resource.Class) error {
	if !reconcile.Interrupts(class) || e.back || have.Config[resource.KeyHash] == reconcile.HashRebuilding {
		return nil
	}
	if e.expect.Unproved && have.Config[spec.KeyPrevious] != "" {
		return e.want.RememberStill(have, time.Now())
	}
	return e.want.Remember(have, time.Now())
}

// Judge notes of a failure that the instance does not work since its latest change, which tells what it may go back to
// after the next one.
func (m *Manager) Judge(ctx context.Context, failure error) {
	if failure == nil || ctx.Err() != nil {
		return
	}
	inst, _, err := observe.Get(m.Server, m.Name)
	if err == nil {
		m.note(ctx, spec.Verdict(inst, false))
	}
}

// Prove notes that the instance, as it has just been seen, works since its latest change.
func (m *Manager) Prove(ctx context.Context, inst *api.Instance) {
	m.note(ctx, spec.Verdict(inst, true))
}

// proveByStart is Prove for a start. It proves nothing where a health test is still to speak.
func (m *Manager) proveByStart(ctx context.Context, inst *api.Instance) {
	if spec.Healthcheck(inst.Config) == nil {
		m.Prove(ctx, inst)
	}
}

// note writes a verdict. That there is none costs no more than a way back that is less good.
func (m *Manager) note(ctx context.Context, verdict map[string]string) {
	if verdict == nil {
		return
	}
	// What has just failed may be ending, and the server changes nothing meanwhile.
	err := m.retry(ctx, func() error { return sdkincus.PatchConfig(m.Server, verdict, "instances", m.Name) })
	if err != nil {
		m.Sink.Notice(resource.LevelDebug, fmt.Sprintf("noting whether %s works: %v", m.Name, err))
	}
}

// Rollback brings the instance back into the form that it had before the latest change that interrupted it, and leaves it
// stopped.
func (m *Manager) Rollback(ctx context.Context, volume spec.RuntimeVolume) (*Result, error) {
	have, _, err := observe.Get(m.Server, m.Name)
	if err != nil {
		return nil, fmt.Errorf("reading instance %q: %w", m.Name, err)
	}
	if err := observe.Mine(have, m.Project); err != nil {
		return nil, err
	}
	want, err := spec.Previous(have, volume, time.Now())
	if errors.Is(err, spec.ErrNoPrevious) {
		return nil, resource.ErrConflict.WithText(m.Name + " has nothing to go back to").
			WithHint("an instance remembers what it was before the latest `icc up` that restarted it or made it anew, until it has gone back")
	}
	if err != nil {
		return nil, err
	}
	if err := m.previousImage(want.Fingerprint); err != nil {
		return nil, err
	}
	return m.ensure(ctx, &ensuring{
		Manager: m, want: want, expect: Expectation{Class: resource.ClassRestart}, least: resource.ClassRestart, back: true,
	})
}

// previousImage refuses to go back to an image that is gone.
func (m *Manager) previousImage(fingerprint string) error {
	err := m.imageThere(fingerprint)
	if errors.Is(err, resource.ErrNotFound) {
		return resource.ErrConflict.WithText(fmt.Sprintf("%s cannot go back: its earlier image %.12s has been removed from the server", m.Name, fingerprint)).
			WithHint("name the image in the compose file and run `icc up`")
	}
	return err
}
