package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/icc-project/icc/core/engine/lock"
	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/sdk/resource"
)

// maxPlans bounds how often a run plans anew because the server changes under it.
const maxPlans = 4

// Pursuit is a goal to be reached with a plan, however often it takes a new one.
type Pursuit struct {
	// Project is the Compose project whose lock is needed.
	Project string
	// Plan looks at the server and says what is to be done.
	Plan func(ctx context.Context) (*Plan, error)
	// Prepare does what has to be done before the plan can be carried out, and returns the plan that follows; nil means
	// nothing. It runs with the lock.
	Prepare func(ctx context.Context, p *Plan) (*Plan, error)
	Lock    LockOptions
}

// LockOptions say for whom the project's lock is and how long to wait for it.
type LockOptions = lock.Options

// Pursue plans, takes the project's lock if there is anything to do, and applies the plan. When somebody else had the
// lock, or the server turns out to be different from what the plan saw, it plans again. The outcome is that of the last
// plan.
func (e *Engine) Pursue(ctx context.Context, g Pursuit) (*Outcome, error) {
	p, err := g.Plan(ctx)
	if err != nil {
		return nil, err
	}
	if !p.changes() {
		return e.Apply(ctx, p)
	}
	if err := e.refuseBuilds(ctx, p); err != nil {
		return nil, err
	}
	began := time.Now()
	l, p, err := e.lockFor(ctx, g, p)
	if err != nil {
		return nil, err
	}
	if l == nil {
		return e.Apply(ctx, p)
	}
	defer l.Release()
	held, cancel := l.Context(ctx)
	defer cancel()
	o, err := e.pursue(held, g, p)
	if lost := l.Lost(); lost != nil && err != nil && ctx.Err() == nil {
		err = lost
	}
	if o == nil {
		return nil, err
	}
	o.Elapsed = time.Since(began)
	e.emit(event.Event{Type: event.Summary, Elapsed: o.Elapsed, Err: err})
	return o, err
}

// changes reports whether the plan does more than wait.
func (p *Plan) changes() bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool { return !blocks(s.Action) })
}

// lockFor takes the lock for a plan, and returns the plan that holds with it. The lock lies in the project on the server,
// which must exist before; who removes the project takes the place for locks away from those who wait. There is no lock
// when nothing is left to do.
func (e *Engine) lockFor(ctx context.Context, g Pursuit, p *Plan) (*lock.Lock, *Plan, error) {
	desk := lock.Desk{Call: e.Call, Notice: func(text string) { event.Sink{Handler: e.emit}.Notice(resource.LevelInfo, text) }}
	for attempt := 1; ; attempt++ {
		if err := e.foundProject(ctx, p); err != nil {
			return nil, nil, err
		}
		l, waited, err := desk.Take(ctx, g.Project, g.Lock)
		if errors.Is(err, resource.ErrNotFound) && attempt < maxPlans {
			if p, err = g.Plan(ctx); err != nil || !p.changes() {
				return nil, p, err
			}
			continue
		}
		if errors.Is(err, resource.ErrNotFound) {
			return nil, p, nil // the plan is for what outlives the project, such as its images
		}
		if err != nil || !waited {
			return l, p, err
		}
		if p, err = g.Plan(ctx); err != nil {
			l.Release()
			return nil, nil, err
		}
		return l, p, nil
	}
}

// foundProject runs the plan's step that makes the project, if there is one, and takes it out of the plan.
func (e *Engine) foundProject(ctx context.Context, p *Plan) error {
	made := make(Selection)
	for _, s := range p.Steps {
		if s.Ref.Kind == resource.KindProject && s.Action == resource.ActionEnsure && !p.Observation.States[s.Ref].Exists {
			made[s.Ref] = true
		}
	}
	if len(made) == 0 {
		return nil
	}
	o, err := e.apply(ctx, p.only(made))
	if err != nil {
		return err
	}
	for ref := range made {
		state := p.Observation.States[ref]
		state.Exists, state.Status, state.Outputs = true, resource.StatusAvailable, o.Outputs[ref]
		p.Observation.States[ref] = state
	}
	p.drop(func(s Step) bool { return made[s.Ref] && s.Action == resource.ActionEnsure })
	return nil
}

// drop takes steps out of the plan that have been done.
func (p *Plan) drop(done func(Step) bool) {
	gone := make(map[string]bool)
	for _, s := range p.Steps {
		gone[s.ID()] = done(s)
	}
	p.Steps = slices.DeleteFunc(p.Steps, func(s Step) bool { return gone[s.ID()] })
	p.index = make(map[string]int, len(p.Steps))
	for i := range p.Steps {
		p.Steps[i].Needs = slices.DeleteFunc(slices.Clone(p.Steps[i].Needs), func(id string) bool { return gone[id] })
		p.index[p.Steps[i].ID()] = i
	}
}

// pursue applies the plan, and new ones as long as the server is the reason why one fails.
func (e *Engine) pursue(ctx context.Context, g Pursuit, p *Plan) (o *Outcome, err error) {
	changed := 0
	for attempt := 1; ; attempt++ {
		if g.Prepare != nil {
			if p, err = g.Prepare(ctx, p); err != nil {
				return nil, err
			}
		}
		o, err = e.apply(ctx, p)
		if o != nil {
			o.Changed += changed
		}
		if err == nil || o == nil || attempt == maxPlans || !mayBeOutdated(err) || ctx.Err() != nil {
			return o, err
		}
		again, planErr := g.Plan(ctx)
		if planErr != nil || !again.differs(p, o) {
			return o, err // the plan was right
		}
		event.Sink{Handler: e.emit}.Notice(resource.LevelInfo, "the server has changed meanwhile; planning again")
		p, changed = again, o.Changed
	}
}

// mayBeOutdated reports whether an error is one that a plan meets which the server has moved away from.
func mayBeOutdated(err error) bool {
	return errors.Is(err, resource.ErrConflict) || errors.Is(err, resource.ErrNotFound) || errors.Is(err, resource.ErrNotRunning) ||
		errors.Is(err, resource.ErrNotEnsured)
}

// differs reports whether the plan does anything that the old one did not or has done already, or has become of what
// failed there something else.
func (p *Plan) differs(old *Plan, o *Outcome) bool {
	for _, s := range p.Steps {
		i, known := old.index[s.ID()]
		undone := slices.Contains(o.done, s.ID()) && !blocks(s.Action)
		if !known || undone || slices.Contains(o.failed, s.ID()) && s.Change.Class != old.Steps[i].Change.Class {
			return true
		}
	}
	return slices.ContainsFunc(o.failed, func(id string) bool {
		_, still := p.index[id]
		return !still
	})
}
