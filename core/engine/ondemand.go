package engine

import (
	"github.com/icc-project/icc/sdk/resource"
)

// planOnDemand brings up what is to be prepared for something that is being started, and deletes it when that has
// started. What failed stays, for its logs, until it is tried again or everything goes.
func (p *Plan) planOnDemand(opts UpOptions) {
	demanded := make(Set)
	for again := true; again; {
		again = false
		for _, r := range p.Model.Resolved {
			if !p.Model.onDemand[r.Ref] || demanded[r.Ref] || !opts.Select.Has(r.Ref) || !p.demanded(r.Ref) {
				continue
			}
			again, demanded[r.Ref] = true, true
			p.planEnsure(r, opts)
			p.add(Step{Ref: r.Ref, Action: resource.ActionStart, Options: opts.Options})
		}
	}
	for _, r := range p.Model.Resolved {
		if !demanded[r.Ref] {
			continue
		}
		run := opts.Options
		run.Force = true
		p.add(Step{Ref: r.Ref, Action: resource.ActionDelete, Options: run,
			Change: resource.Change{Ref: r.Ref, Class: resource.ClassDelete, Reason: "has done its work"}})
		for _, waiter := range p.waitersFor(r.Ref) {
			p.need(resource.ActionDelete, r.Ref, resource.ActionStart, waiter)
		}
	}
}

// demanded says whether something starts that wants the resource to be prepared, while nothing else that did goes on
// running.
func (p *Plan) demanded(ref resource.Ref) bool {
	starts := false
	for _, waiter := range p.waitersFor(ref) {
		if p.has(resource.ActionStart, waiter) {
			starts = true
		} else if p.Observation.States[waiter].Status == resource.StatusRunning {
			return false
		}
	}
	return starts
}

// waitersFor returns the resources that want this one to be prepared.
func (p *Plan) waitersFor(ref resource.Ref) []resource.Ref {
	var waiters []resource.Ref
	for _, r := range p.Model.Resolved {
		for _, e := range r.DependsOn {
			if e.To == ref && e.Condition == resource.ConditionPrepared {
				waiters = append(waiters, r.Ref)
			}
		}
	}
	return waiters
}
