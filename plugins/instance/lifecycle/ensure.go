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

// Expectation is what the run counts on.
type Expectation struct {
	// Class is what the plan said; empty when it said nothing. One that interrupts has a start planned after it.
	Class resource.Class
	// CreatedAt tells whether the instance is still the one that the plan has seen.
	CreatedAt time.Time
	// KeepRunning forbids interrupting what runs.
	KeepRunning bool
	// RevertDrift undoes what others have changed on what icc wrote.
	RevertDrift bool
	// Unproved says that the service's latest change was not seen through when the plan was made.
	Unproved bool
}

// Ensure brings the instance into the form want. The plan's expectation saves a question when it is a creation, and has
// the instance made anew when that was asked for; what else is done is decided by what the server has now, because
// images and networks may have changed since the plan. Each write goes through only if nobody has changed the instance
// since it was compared; else it is compared again.
func (m *Manager) Ensure(ctx context.Context, want *spec.Instance, mounts []kinds.Mount, expect Expectation) (*Result, error) {
	if err := m.hostPaths(mounts); err != nil {
		return nil, err
	}
	if expect.Class == resource.ClassCreate {
		result, err := m.create(ctx, want, nil)
		if !errors.Is(err, errExists) {
			return result, err
		}
	}
	return m.ensure(ctx, &ensuring{Manager: m, want: want, expect: expect, least: resource.ClassNone})
}

// ensure compares and acts until what was compared is what was changed.
func (m *Manager) ensure(ctx context.Context, e *ensuring) (*Result, error) {
	m.awaitCreation(ctx)
	const attempts = 10
	for attempt := range attempts {
		if err := sdkincus.Pause(ctx, time.Duration(max(0, attempt-2))*20*time.Millisecond); err != nil {
			return nil, err
		}
		result, err := e.attempt(ctx)
		if !errors.Is(err, errAgain) && !sdkincus.IsPreconditionFailed(err) {
			return result, err
		}
	}
	return nil, resource.ErrConflict.WithText(fmt.Sprintf("somebody else keeps changing the instance %q", m.Name)).
		WithHint("run the command again")
}

// errAgain says that the instance is not what it was when it was compared.
var errAgain = errors.New("the instance has changed")

// ensuring is one Ensure under way.
type ensuring struct {
	*Manager
	want   *spec.Instance
	expect Expectation
	// least is the class that a change has at least, because a gentler one was tried in vain.
	least resource.Class
	// ran says that this Ensure has stopped the instance.
	ran bool
	// back says that the instance is to become what it was before.
	back bool
}

// attempt compares and acts once.
func (e *ensuring) attempt(ctx context.Context) (*Result, error) {
	have, etag, err := e.settled(ctx)
	if errors.Is(err, resource.ErrNotFound) {
		return e.create(ctx, e.want, nil)
	}
	if err != nil {
		return nil, err
	}
	if err := observe.Mine(have, e.Project); err != nil {
		return nil, err
	}
	open := reconcile.KeepPorts(e.want, spec.Devices(have.Devices))
	change := e.compare(ctx, have)
	if change.Class != resource.ClassNone {
		e.Sink.Notice(resource.LevelDebug, fmt.Sprintf("%s: %s", change.Class, change.Reason))
	}
	running := have.StatusCode != api.Stopped
	switch {
	case change.Class == resource.ClassNone:
		return e.restarted(ctx, seen(have, e.ran))
	case reconcile.Interrupts(change.Class) && running && e.expect.KeepRunning:
		return e.postpone(ctx, have, etag, open, change)
	case reconcile.Interrupts(change.Class) && running:
		return nil, e.interrupt(ctx, have, change)
	}
	if err := e.remember(have, change.Class); err != nil {
		return nil, err
	}
	result, err := e.apply(ctx, have, etag, open, change.Class)
	if err != nil {
		return nil, err
	}
	return e.restarted(ctx, result)
}

// compare says what has to be done with what the server has.
func (e *ensuring) compare(ctx context.Context, have *api.Instance) resource.Change {
	compared := have
	if e.expect.RevertDrift {
		compared = reconcile.Forget(reconcile.Undo(e.want, have))
	}
	change := e.inForce(ctx, reconcile.Compare(e.Ref, e.want, compared), have)
	asked := e.expect.Class == resource.ClassRecreate && have.CreatedAt.Equal(e.expect.CreatedAt)
	switch {
	case asked:
		change.Class = resource.ClassRecreate
	case change.Class == resource.ClassLive && e.least != resource.ClassNone:
		change.Class = e.least
	case change.Class == resource.ClassRebuild:
		if why := e.NoRebuild(); why != "" {
			return reconcile.WithoutRebuild(change, why)
		}
	}
	return change
}

// interrupt stops the instance, so that the next attempt finds it stopped. What it is to be made from has to be there
// before: nobody gains by a service that stands still.
func (e *ensuring) interrupt(ctx context.Context, have *api.Instance, change resource.Change) error {
	if change.Class != resource.ClassRestart {
		if err := e.imageThere(e.want.Fingerprint); err != nil {
			return err
		}
	}
	if _, err := e.Stop(ctx, false); err != nil {
		return err
	}
	e.ran = e.ran || observe.Running(have.StatusCode)
	return errAgain
}

// apply does what the class demands. The instance does not run unless the class allows it.
func (e *ensuring) apply(ctx context.Context, have *api.Instance, etag string, open []string, class resource.Class) (*Result, error) {
	switch class {
	case resource.ClassLive:
		return e.update(ctx, have, etag, open)
	case resource.ClassRestart:
		return e.rewrite(ctx, have, etag, open)
	case resource.ClassRebuild:
		return e.rebuild(ctx, have, etag, open)
	}
	if err := e.imageThere(e.want.Fingerprint); err != nil {
		return nil, err
	}
	return e.recreate(ctx, e.want, have)
}

// restarted starts an instance that was stopped for a change, unless the run goes on with the start that was planned.
func (e *ensuring) restarted(ctx context.Context, result *Result) (*Result, error) {
	if !e.ran || e.expect.Class == resource.ClassCreate || reconcile.Interrupts(e.expect.Class) {
		return result, nil
	}
	started, err := e.Start(ctx)
	if err != nil {
		return nil, err
	}
	started.Changed, started.Created = true, result.Created
	return started, nil
}

// settled returns the instance, and its ETag, once nobody is at work on it any more: the server may still be creating it
// for a run that was interrupted, and one without a hash is being made by another run at this moment, or was left behind
// by one that crashed.
func (m *Manager) settled(ctx context.Context) (*api.Instance, string, error) {
	const patience, pause = 10 * time.Second, 100 * time.Millisecond
	until := time.Now().Add(patience)
	for {
		have, etag, err := observe.Get(m.Server, m.Name)
		if err != nil {
			return nil, "", fmt.Errorf("reading instance %q: %w", m.Name, err)
		}
		icc := sdkincus.Belongs(have.Config, m.Project)
		if !icc || have.Config[resource.KeyHash] != "" || time.Now().After(until) {
			return have, etag, nil
		}
		if err := sdkincus.Pause(ctx, pause); err != nil {
			return nil, "", err
		}
	}
}
