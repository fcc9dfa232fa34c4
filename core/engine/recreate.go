package engine

import (
	"maps"
	"slices"

	"github.com/icc-project/icc/sdk/resource"
)

// Recreation says what becomes of a resource that exists and can be started.
type Recreation string

// The recreations.
const (
	// RecreateDiverged does what the difference between the declaration and the server asks for.
	RecreateDiverged Recreation = ""
	// RecreateAlways makes it anew, whatever the difference.
	RecreateAlways Recreation = "always"
	// RecreateNever interrupts nothing: what takes effect with a start waits for one, and what else would interrupt it is
	// left as it is.
	RecreateNever Recreation = "never"
)

// asked is the reason of a change that nothing but the command line asks for.
const asked = "asked for"

// recreated returns the observation with the changes that the options make of the observed ones, and what is left
// undone for them.
func (opts UpOptions) recreated(m *Model, o *Observation) (out *Observation, outdated []resource.Change) {
	changed := *o
	changed.States, changed.Changes = maps.Clone(o.States), maps.Clone(o.Changes)
	for _, r := range m.Resolved {
		state, c := o.States[r.Ref], o.Changes[r.Ref]
		if !state.Exists || state.External || m.onDemand[r.Ref] || !opts.Select.Has(r.Ref) ||
			!resource.SupportsAction(r, resource.ActionStart) {
			continue
		}
		switch opts.recreation(r.Ref) {
		case RecreateAlways:
			changed.Changes[r.Ref] = forced(r.Ref, c)
		case RecreateNever:
			gentle, whole := gentler(c, state)
			changed.Changes[r.Ref] = gentle
			if !whole {
				outdated = append(outdated, c)
			}
		case RecreateDiverged:
			if opts.NoStart && c.Class == resource.ClassRestart {
				changed.Changes[r.Ref], _ = gentler(c, state) // nobody would start it again
			}
		}
	}
	return &changed, outdated
}

func (opts UpOptions) recreation(ref resource.Ref) Recreation {
	what := opts.RecreateDependencies
	if opts.Asked.Has(ref) {
		what = opts.Recreate
	}
	if what == RecreateAlways && opts.Fresh[ref] {
		return RecreateDiverged
	}
	return what
}

// forced is a change that makes the resource anew.
func forced(ref resource.Ref, c resource.Change) resource.Change {
	if c.Class == resource.ClassCreate || c.Class == resource.ClassRecreate {
		return c
	}
	reason := asked
	if c.Reason != "" {
		reason += ", and " + c.Reason
	}
	return resource.Change{Ref: ref, Class: resource.ClassRecreate, Reason: reason, Fields: c.Fields}
}

// gentler returns what can be done of a change without interrupting what runs, and whether that is all of it, sooner or
// later.
func gentler(c resource.Change, s resource.State) (gentle resource.Change, whole bool) {
	switch {
	case !interrupts(c.Class) || c.Class == resource.ClassCreate:
		return c, true
	case c.Class != resource.ClassRestart:
		return resource.Change{Ref: c.Ref, Class: resource.ClassNone}, false
	case s.Status != resource.StatusRunning && s.Status != resource.StatusPaused:
		return c, true
	case waits(c, s):
		return resource.Change{Ref: c.Ref, Class: resource.ClassNone}, true
	}
	c.Class = resource.ClassLive
	c.Reason += "; it takes effect with the next start"
	return c, true
}

// waits says whether all of the change is written already and waits for the next start.
func waits(c resource.Change, s resource.State) bool {
	for _, f := range c.Fields {
		if !slices.Contains(s.Pending, f.Path) || f.Sensitive || f.Before != f.After {
			return false
		}
	}
	return len(c.Fields) > 0
}

// planRenewals takes what exists and will be interrupted away before it is ensured, and with it what is to be renewed:
// both are made anew.
func (p *Plan) planRenewals(opts UpOptions) {
	for _, r := range p.Model.Resolved {
		renew := opts.Renew[r.Ref]
		i, planned := p.index[stepID(resource.ActionEnsure, r.Ref)]
		state := p.Observation.States[r.Ref]
		if len(renew) == 0 || !planned || !state.Exists || !interrupts(p.Steps[i].Change.Class) {
			continue
		}
		change := p.Steps[i].Change
		change.Class = resource.ClassRecreate
		p.Steps[i].Change, p.Observation.Changes[r.Ref] = change, change
		p.planStop(state, opts.stopping())
		p.planRemoval(r.Ref, change.Reason, opts.stopping())
		p.need(resource.ActionDelete, r.Ref, resource.ActionStop, r.Ref)
		p.need(resource.ActionEnsure, r.Ref, resource.ActionDelete, r.Ref)
		p.forget(r.Ref)
		for _, ref := range renew {
			if p.Observation.States[ref].Exists && !p.Observation.States[ref].External {
				p.renew(r.Ref, ref, opts.Options)
			}
		}
	}
}

// renew deletes what only user has after user is gone, and makes it again before user is: what nothing declares is made
// by its user.
func (p *Plan) renew(user, ref resource.Ref, opts resource.Options) {
	p.planRemoval(ref, "renewed with "+p.resolvedOf(user).IncusName, opts)
	p.need(resource.ActionDelete, ref, resource.ActionDelete, user)
	p.need(resource.ActionEnsure, user, resource.ActionDelete, ref)
	if _, declared := p.Model.Get(ref); declared {
		opts.Create = true
		p.add(Step{Ref: ref, Action: resource.ActionEnsure, Options: opts, Change: resource.Change{Ref: ref, Class: resource.ClassCreate, Reason: "renewed"}})
		p.need(resource.ActionEnsure, ref, resource.ActionDelete, ref)
	}
	p.forget(ref)
}

func (p *Plan) planRemoval(ref resource.Ref, reason string, opts resource.Options) {
	opts.Force = true
	p.add(Step{Ref: ref, Action: resource.ActionDelete, Options: opts,
		Change: resource.Change{Ref: ref, Class: resource.ClassDelete, Reason: reason}})
}

// forget notes that the resource will not be there any more when it is ensured.
func (p *Plan) forget(ref resource.Ref) {
	s := p.Observation.States[ref]
	s.Exists, s.Status = false, resource.StatusMissing
	p.Observation.States[ref] = s
}

// linkRemovals makes deletions walk the edges backwards. What nothing declares goes after live changes of what has no
// life of its own (networks), so that nobody finds it any more by then.
func (p *Plan) linkRemovals() {
	var live []resource.Ref
	for _, s := range p.Steps {
		r, _ := p.Model.Get(s.Ref)
		if s.Action == resource.ActionEnsure && s.Change.Class == resource.ClassLive && !resource.SupportsAction(r, resource.ActionStart) {
			live = append(live, s.Ref)
		}
	}
	for _, gone := range p.Steps {
		_, declared := p.Model.Get(gone.Ref)
		if gone.Action != resource.ActionDelete || declared || !startable(p.Observation.States[gone.Ref]) {
			continue
		}
		for _, ref := range live {
			p.need(resource.ActionDelete, gone.Ref, resource.ActionEnsure, ref)
		}
	}
	for _, s := range sortedStates(p.Observation) {
		if p.Model.onDemand[s.Ref] {
			continue // it goes when it has done its work, with what it needs
		}
		for _, e := range p.edges(s.Ref) {
			comesBack := p.has(resource.ActionEnsure, s.Ref)
			if !comesBack || e.Condition == "" || e.Condition == resource.ConditionEnsured {
				p.need(resource.ActionDelete, e.To, resource.ActionDelete, s.Ref)
			}
		}
	}
}
