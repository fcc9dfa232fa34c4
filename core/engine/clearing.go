package engine

import (
	"fmt"

	"github.com/icc-project/icc/sdk/resource"
)

// planClearings makes room for changes of what has no life of its own but users (volumes, networks): they are stopped
// for a change of class restart, and taken away and made anew for one of class recreate, whether they were selected or
// not.
func (p *Plan) planClearings(opts UpOptions) {
	for _, r := range p.Model.Resolved {
		i, planned := p.index[stepID(resource.ActionEnsure, r.Ref)]
		if !planned || !p.Observation.States[r.Ref].Exists || resource.SupportsAction(r, resource.ActionStart) {
			continue
		}
		switch p.Steps[i].Change.Class {
		case resource.ClassRestart:
			p.eachUser(r.Ref, func(user resource.Resolved) { p.standStill(user, r, opts) })
		case resource.ClassRecreate:
			p.eachUser(r.Ref, func(user resource.Resolved) { p.makeWay(user, r, opts) })
		}
	}
}

// eachUser calls f for what exists, or is taken away by this plan, and needs ref itself, not one of its conditions.
func (p *Plan) eachUser(ref resource.Ref, f func(user resource.Resolved)) {
	for _, user := range p.Model.Resolved {
		there := p.Observation.States[user.Ref].Exists || p.has(resource.ActionDelete, user.Ref)
		if !there || !resource.SupportsAction(user, resource.ActionStart) {
			continue
		}
		for _, e := range user.DependsOn {
			if e.To == ref && (e.Condition == "" || e.Condition == resource.ConditionEnsured) {
				p.halted[user.Ref] = true
				f(user)
				break
			}
		}
	}
}

// standStill stops the user while r is changed.
func (p *Plan) standStill(user, r resource.Resolved, opts UpOptions) {
	if p.Observation.States[user.Ref].Status != resource.StatusRunning {
		return
	}
	p.add(Step{Ref: user.Ref, Action: resource.ActionStop, Options: opts.Options, Change: resource.Change{
		Ref: user.Ref, Class: resource.ClassRestart, Reason: fmt.Sprintf("stands still while %s %s changes", r.Kind, r.Name),
	}})
	p.add(Step{Ref: user.Ref, Action: resource.ActionStart, Options: opts.Options})
	p.need(resource.ActionEnsure, r.Ref, resource.ActionStop, user.Ref)
	p.need(resource.ActionStart, user.Ref, resource.ActionEnsure, r.Ref)
}

// makeWay takes the user away before r is made anew, and makes it again after that.
func (p *Plan) makeWay(user, r resource.Resolved, opts UpOptions) {
	if p.Model.onDemand[user.Ref] {
		p.clearAway(user, r, opts)
		return
	}
	state := p.Observation.States[user.Ref]
	change := resource.Change{Ref: user.Ref, Class: resource.ClassRecreate, Reason: fmt.Sprintf("%s %s is made anew", r.Kind, r.Name)}
	if i, planned := p.index[stepID(resource.ActionEnsure, user.Ref)]; planned {
		change.Fields = p.Steps[i].Change.Fields
		p.Steps[i].Change = change
	} else {
		run := opts.Options
		run.Create = true
		p.add(Step{Ref: user.Ref, Action: resource.ActionEnsure, Change: change, Options: run})
	}
	p.Observation.Changes[user.Ref] = change
	p.planStop(state, opts.Options)
	p.planRemoval(user.Ref, change.Reason, opts.Options)
	if state.Status == resource.StatusRunning {
		p.add(Step{Ref: user.Ref, Action: resource.ActionStart, Options: opts.Options})
	}
	p.need(resource.ActionDelete, user.Ref, resource.ActionStop, user.Ref)
	p.need(resource.ActionEnsure, r.Ref, resource.ActionDelete, user.Ref)
	p.need(resource.ActionEnsure, user.Ref, resource.ActionDelete, user.Ref)
	p.need(resource.ActionEnsure, user.Ref, resource.ActionEnsure, r.Ref)
	p.need(resource.ActionStart, user.Ref, resource.ActionEnsure, user.Ref)
	p.forget(user.Ref)
}

// clearAway takes away what an earlier run has left of a user that is there on demand only: it is made when it is
// demanded, and deleted after that once more.
func (p *Plan) clearAway(user, r resource.Resolved, opts UpOptions) {
	run := opts.Options
	run.Force = true
	s := Step{Ref: user.Ref, Action: resource.ActionDelete, Label: "before", Options: run, Change: resource.Change{
		Ref: user.Ref, Class: resource.ClassDelete, Reason: fmt.Sprintf("%s %s is made anew", r.Kind, r.Name),
	}}
	p.add(s)
	p.needIDs(stepID(resource.ActionEnsure, r.Ref), []string{s.ID()})
	p.Observation.Changes[user.Ref] = resource.Change{Ref: user.Ref, Class: resource.ClassCreate, Reason: "does not exist"}
	p.forget(user.Ref)
}

// Losses are the plan's steps that make something anew that holds data, which would be gone.
func (p *Plan) Losses() []Step {
	var out []Step
	for _, s := range p.Steps {
		if s.Action == resource.ActionEnsure && s.Change.Class == resource.ClassRecreate && p.Observation.States[s.Ref].Persistent {
			out = append(out, s)
		}
	}
	return out
}
