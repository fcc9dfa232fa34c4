package engine

import (
	"slices"

	"github.com/icc-project/icc/sdk/resource"
)

// Rollback plans to bring replicas of services back into the form that they had before the latest change
// that interrupted them.
func Rollback(m *Model, o *Observation, rollouts []Rollout, opts resource.Options) *Plan {
	p := newPlan(m, o)
	for _, r := range rollouts {
		p.rollBack(r, r.Back, nil, opts)
	}
	return p
}

// rollBack plans the way back for the changed replicas, and a start for those whose change has failed half-way.
func (p *Plan) rollBack(r Rollout, changed, halfway []resource.Ref, opts resource.Options) {
	all := slices.Concat(halfway, changed)
	if len(all) == 0 {
		p.removeSurge(r, opts)
		return
	}
	for _, ref := range all {
		if slices.Contains(changed, ref) {
			p.add(Step{Ref: ref, Action: resource.ActionRollback, Options: opts,
				Change: resource.Change{Ref: ref, Class: resource.ClassRestart, Reason: "back to what it was before"}})
		}
		p.add(Step{Ref: ref, Action: resource.ActionStart, Options: opts})
		p.need(resource.ActionStart, ref, resource.ActionRollback, ref)
	}
	u := &Update{Rollout: r, policy: r.Rollback, back: true}
	u.Batches = slices.Collect(slices.Chunk(all, batchSize(r.Rollback, len(all))))
	p.roll(u, opts)
}

// removeSurge deletes stand-ins that nothing was led to yet.
func (p *Plan) removeSurge(r Rollout, opts resource.Options) {
	for _, ref := range r.Surge {
		p.planRemoval(ref, r.standsIn(), opts)
	}
}
