package engine

import (
	"fmt"
	"slices"

	"github.com/icc-project/icc/sdk/resource"
)

// blocking returns the action that blocks until a condition holds. The other conditions hold as soon as a step is done.
func blocking(c resource.Condition) (resource.Action, bool) {
	switch c {
	case resource.ConditionHealthy:
		return resource.ActionWait, true
	case resource.ConditionCompleted, resource.ConditionPrepared:
		return resource.ActionComplete, true
	}
	return "", false
}

// blocks says whether the action only waits.
func blocks(a resource.Action) bool {
	switch a {
	case resource.ActionWait, resource.ActionComplete, resource.ActionMonitor, resource.ActionHold:
		return true
	}
	return false
}

// awaited says what an action waits for, in words that follow "waits for it".
func awaited(a resource.Action) string {
	if a == resource.ActionComplete {
		return "to complete"
	}
	return "to be healthy"
}

// await makes the start of a resource wait for an edge's condition: for the start of what it depends on, or for a step
// that blocks. What is outside the selection and is not started is not waited for.
func (p *Plan) await(waiter resource.Ref, e resource.Edge, s Selection, opts resource.Options) {
	action, ok := blocking(e.Condition)
	if !ok {
		p.need(resource.ActionStart, waiter, resource.ActionStart, e.To)
		return
	}
	expected := s.Has(e.To) && !p.Model.onDemand[e.To] || p.has(resource.ActionStart, e.To)
	if !expected || !p.has(resource.ActionStart, waiter) {
		return
	}
	step, isNew := p.planWait(action, e.To, opts)
	step.Waiters = append(step.Waiters, p.resolvedOf(waiter).IncusName)
	step.Lenient = e.Optional && (isNew || step.Lenient)
	p.need(resource.ActionStart, waiter, action, e.To)
}

// planWait returns the step that blocks until the resource is healthy or has completed, and whether it is a new one.
func (p *Plan) planWait(a resource.Action, ref resource.Ref, opts resource.Options) (s *Step, isNew bool) {
	if opts.DependencyTimeout > 0 {
		opts.Timeout = opts.DependencyTimeout
	}
	isNew = !p.has(a, ref)
	p.add(Step{Ref: ref, Action: a, Options: opts})
	if isNew {
		p.need(a, ref, resource.ActionEnsure, ref) // which may change the health check
		p.need(a, ref, resource.ActionStart, ref)
	}
	return &p.Steps[p.index[stepID(a, ref)]], isNew
}

// waitForAll makes the run last until a resource is healthy, or has completed when others count on that.
func (p *Plan) waitForAll(r resource.Resolved, opts UpOptions) {
	if !resource.SupportsAction(r, resource.ActionStart) || opts.NoStart || opts.Kinds != nil {
		return
	}
	action := resource.ActionWait
	if p.isJob(r.Ref, opts.Select) {
		action = resource.ActionComplete
	}
	if resource.SupportsAction(r, action) {
		step, _ := p.planWait(action, r.Ref, opts.Options)
		step.Lenient = false
	}
}

// isJob says whether a selected resource waits for this one to complete: then it is not expected to go on running.
func (p *Plan) isJob(ref resource.Ref, s Selection) bool {
	return slices.ContainsFunc(p.Model.Resolved, func(r resource.Resolved) bool {
		return s.Has(r.Ref) && slices.ContainsFunc(r.DependsOn, func(e resource.Edge) bool {
			return e.To == ref && e.Condition == resource.ConditionCompleted
		})
	})
}

// checkConditions refuses edges whose condition the target's kind cannot tell.
func (m *Model) checkConditions(r *resource.Resolved) error {
	for _, e := range r.DependsOn {
		action, ok := blocking(e.Condition)
		if target, known := m.Get(e.To); !ok || !known || resource.SupportsAction(target, action) {
			continue
		}
		return resource.ErrUnsupportedAction.WithResource(r.Ref).
			WithText(fmt.Sprintf("%s waits for %s %q %s, which its plugin cannot tell", r.Position, e.To.Kind, e.To.Name, awaited(action))).
			WithHint("depend on it with `service_started`, or update the plugin")
	}
	return nil
}
