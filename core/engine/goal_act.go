package engine

import "github.com/icc-project/icc/sdk/resource"

// Act plans one action on each of the selected resources of the model, side by side. What the action means is their
// plugin's business.
func Act(m *Model, o *Observation, action resource.Action, selected Selection, opts resource.Options) *Plan {
	p := newPlan(m, o)
	for _, r := range m.Resolved {
		if selected.Has(r.Ref) {
			p.add(Step{Ref: r.Ref, Action: action, Options: opts})
		}
	}
	return p
}
