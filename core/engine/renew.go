package engine

import (
	"context"
	"slices"

	"github.com/icc-project/icc/sdk/resource"
)

// Renew runs the plan's steps for resources of a kind that exist already, with what those need, and observes anew: what
// is to be done with an instance depends on what has become of its image. The observation is nil when the plan renews
// nothing of the kind; then the plan holds as it is. again are the options to observe and go on with.
func (e *Engine) Renew(ctx context.Context, p *Plan, kind resource.Kind, again resource.Options) (*Observation, error) {
	var roots []resource.Ref
	exists := false
	for _, s := range p.Steps {
		if s.Ref.Kind == kind && s.Action == resource.ActionEnsure {
			roots = append(roots, s.Ref)
			exists = exists || p.Observation.States[s.Ref].Exists
		}
	}
	if !exists {
		return nil, nil
	}
	if _, err := e.apply(ctx, p.only(p.Model.Select(roots, false))); err != nil {
		return nil, err
	}
	return e.Observe(ctx, p.Model, p.kinds(), again)
}

// kinds are those that the plan's observation is about.
func (p *Plan) kinds() []resource.Kind {
	var kinds []resource.Kind
	for _, r := range p.Model.Resolved {
		kinds = append(kinds, r.Kind)
	}
	for ref := range p.Observation.States {
		kinds = append(kinds, ref.Kind)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// only returns the plan's steps that ensure selected resources.
func (p *Plan) only(s Selection) *Plan {
	out := newPlan(p.Model, p.Observation)
	for _, step := range p.Steps {
		if s.Has(step.Ref) && step.Action == resource.ActionEnsure {
			step.Needs = nil
			out.add(step)
		}
	}
	for i, step := range out.Steps {
		for _, id := range p.Steps[p.index[step.ID()]].Needs {
			if _, ok := out.index[id]; ok && !slices.Contains(out.Steps[i].Needs, id) {
				out.Steps[i].Needs = append(out.Steps[i].Needs, id)
			}
		}
	}
	return out
}
