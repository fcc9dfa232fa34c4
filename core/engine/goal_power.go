package engine

import (
	"github.com/icc-project/icc/sdk/resource"
)

// PowerOptions bound what Start, Stop and Restart act on.
type PowerOptions struct {
	// Select bounds the run to some resources; nil means the whole project.
	Select Selection
	// NoDependents keeps Restart from restarting what asked to be restarted after a selected resource.
	NoDependents bool
	// Wait makes Start last until what it starts is healthy, as far as it has a health check.
	// Options.DependencyTimeout bounds each wait.
	Wait    bool
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
	if opts.Wait {
		p.waitForStarted(opts)
	}
	return p
}

// waitForStarted makes the run last until everything selected is healthy, or has completed where others count on that.
func (p *Plan) waitForStarted(opts PowerOptions) {
	jobs := make(Set)
	states := sortedStates(p.Observation)
	for _, s := range states {
		for _, e := range p.edges(s.Ref) {
			jobs[e.To] = jobs[e.To] || e.Condition == resource.ConditionCompleted
		}
	}
	for _, s := range states {
		if !s.Exists || !startable(s) || !opts.Select.Has(s.Ref) {
			continue
		}
		action := resource.ActionWait
		if jobs[s.Ref] {
			action = resource.ActionComplete
		}
		step, _ := p.planWait(action, s.Ref, opts.Options)
		step.Lenient = false
	}
}

// Restart plans to stop what runs and to start it and what is stopped, and with it those of its dependents that asked
// for that (Edge.Restart) and run.
func Restart(m *Model, o *Observation, opts PowerOptions) *Plan {
	p := newPlan(m, o)
	if !opts.NoDependents {
		opts.Select = p.withDependents(opts.Select)
	}
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

// linkStart makes starts wait for what they depend on, as far as that is started, too, or runs already.
func (p *Plan) linkStart(opts PowerOptions) {
	for _, s := range sortedStates(p.Observation) {
		for _, e := range p.edges(s.Ref) {
			running := p.Observation.States[e.To].Status == resource.StatusRunning
			if p.has(resource.ActionStart, e.To) || running && e.Condition == resource.ConditionHealthy {
				p.await(s.Ref, e, opts.Select, opts.Options)
			}
		}
	}
}
