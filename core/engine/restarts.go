package engine

import (
	"fmt"
	"slices"

	"github.com/icc-project/icc/sdk/resource"
)

// planRestarts stops and starts what runs and asked for that (Edge.Restart) where something it depends on is made anew or
// restarted, over however many others, selected or not.
func (p *Plan) planRestarts(opts UpOptions) {
	if opts.NoStart || opts.Kinds != nil {
		return
	}
	restarted := make(Set)
	for _, s := range p.Steps {
		if s.Action == resource.ActionEnsure && s.Change.Class != resource.ClassCreate && interrupts(s.Change.Class) {
			restarted[s.Ref] = true
		}
	}
	for again := true; again; {
		again = false
		for _, r := range p.Model.Resolved {
			to, ok := restartedBy(r.DependsOn, restarted)
			if !ok || restarted[r.Ref] || p.Observation.States[r.Ref].Status != resource.StatusRunning {
				continue
			}
			again, restarted[r.Ref] = true, true
			p.add(Step{Ref: r.Ref, Action: resource.ActionStop, Options: opts.stopping(), Change: resource.Change{
				Ref: r.Ref, Class: resource.ClassRestart, Reason: fmt.Sprintf("restarted with %s", to.Name),
			}})
			p.add(Step{Ref: r.Ref, Action: resource.ActionStart, Options: opts.Options})
		}
	}
}

// linkRestarts puts the stops of planRestarts before what they make room for, dependents first.
func (p *Plan) linkRestarts() {
	for _, r := range p.Model.Resolved {
		p.need(resource.ActionStart, r.Ref, resource.ActionStop, r.Ref)
		p.need(resource.ActionEnsure, r.Ref, resource.ActionStop, r.Ref)
		for _, e := range r.DependsOn {
			if !e.Restart {
				continue
			}
			p.need(resource.ActionStop, e.To, resource.ActionStop, r.Ref)
			if p.isInterrupted(e.To) {
				p.need(resource.ActionEnsure, e.To, resource.ActionStop, r.Ref)
			}
		}
	}
}

// isInterrupted says whether the resource is there and does not go on running through its change.
func (p *Plan) isInterrupted(ref resource.Ref) bool {
	c := p.Observation.Changes[ref].Class
	return interrupts(c) && c != resource.ClassCreate
}

// stopsBefore says whether the resource has to stop before something is interrupted that it asked to be restarted with.
func (p *Plan) stopsBefore(ref resource.Ref) bool {
	return p.has(resource.ActionStop, ref) && slices.ContainsFunc(p.edges(ref), func(e resource.Edge) bool {
		return e.Restart && (p.has(resource.ActionStop, e.To) || p.isInterrupted(e.To))
	})
}

// restartedBy returns the first restarted resource whose restart is to be followed.
func restartedBy(edges []resource.Edge, restarted Set) (resource.Ref, bool) {
	for _, e := range edges {
		if e.Restart && restarted[e.To] {
			return e.To, true
		}
	}
	return resource.Ref{}, false
}

// withDependents adds what runs and asked to be restarted after something selected, over however many others.
func (p *Plan) withDependents(s Selection) Selection {
	if s == nil {
		return nil
	}
	restarted := make(Set)
	for ref := range s {
		restarted[ref] = s[ref]
	}
	for again := true; again; {
		again = false
		for _, state := range sortedStates(p.Observation) {
			if restarted[state.Ref] || state.Status != resource.StatusRunning {
				continue
			}
			if _, ok := restartedBy(p.edges(state.Ref), restarted); ok {
				again, restarted[state.Ref] = true, true
			}
		}
	}
	return Selection(restarted)
}
