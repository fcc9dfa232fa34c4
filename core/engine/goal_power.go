package engine

import (
	"github.com/icc-project/icc/sdk/resource"
)

// PowerOptions bound what Start, Stop and Restart act on.
type PowerOptions struct {
	// Select bounds the run to some resources; nil means the whole project.
	Select  Selection
	Options resource.Options
}

// Stop plans to stop what runs, dependents first.
func Stop(m *Model, o *Observation, opts PowerOptions) *Plan {
	p := newPlan(m, o)
	p.addStops(opts)
	p.linkDown()
	return p
}

// Start plans to start what exists and does not run, in the order of its dependencies.
func Start(m *Model, o *Observation, opts PowerOptions) *Plan {
	p := newPlan(m, o)
	for _, s := range sortedStates(o) {
		if s.Exists && startable(s) && s.Status != resource.StatusRunning && opts.Select.Has(s.Ref) {
			p.add(Step{Ref: s.Ref, Action: resource.ActionStart, Options: opts.Options})
		}
	}
	p.linkStart(opts)
	return p
}

// Restart plans to stop what runs and to start it and what is stopped.
func Restart(m *Model, o *Observation, opts PowerOptions) *Plan {
	p := newPlan(m, o)
	p.addStops(opts)
	for _, s := range sortedStates(o) {
		if !s.Exists || !startable(s) || !opts.Select.Has(s.Ref) {
			continue
		}
		p.add(Step{Ref: s.Ref, Action: resource.ActionStart, Options: opts.Options})
		p.need(resource.ActionStart, s.Ref, resource.ActionStop, s.Ref)
	}
	p.linkDown()
	p.linkStart(opts)
	return p
}

func (p *Plan) addStops(opts PowerOptions) {
	for _, s := range sortedStates(p.Observation) {
		if s.Exists && opts.Select.Has(s.Ref) {
			p.planStop(s, opts.Options)
		}
	}
}

// linkStart makes starts wait for the starts of what they depend on.
func (p *Plan) linkStart(opts PowerOptions) {
	for _, s := range sortedStates(p.Observation) {
		for _, e := range p.edges(s.Ref) {
			if e.Condition == resource.ConditionHealthy && p.has(resource.ActionStart, s.Ref) && p.has(resource.ActionStart, e.To) {
				p.planWait(e.To, s.Ref, UpOptions{Select: opts.Select, Options: opts.Options})
				p.need(resource.ActionStart, s.Ref, resource.ActionWait, e.To)
				continue
			}
			p.need(resource.ActionStart, s.Ref, resource.ActionStart, e.To)
		}
	}
}
