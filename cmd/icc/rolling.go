package main

import (
	"maps"

	"github.com/icc-project/icc/core/compose"
	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/resource"
)

// rollouts are the services of the project whose replicas are changed one after the other.
func (p *project) rollouts() []engine.Rollout {
	if p.translation == nil {
		return nil
	}
	var out []engine.Rollout
	for _, r := range p.translation.Rolling {
		out = append(out, rollout(r))
	}
	return out
}

func rollout(r compose.Rolling) engine.Rollout {
	return engine.Rollout{Service: r.Service, Replicas: r.Replicas, Surge: r.Surge, Update: r.Update, Rollback: r.Rollback}
}

// withStandIns plans again with the instances that stand in for replicas while those change, where the plan wants any.
// They are declared for such plans only: nobody else has a use for them.
func (s *session) withStandIns(ctx ctx, p *engine.Plan, opts resource.Options) (*engine.Plan, error) {
	wanted := p.Surge(s.project.rollouts())
	if len(wanted) == 0 || maps.Equal(wanted, s.project.standIns) {
		return p, nil
	}
	existing, err := replicaNumbers(p.Observation)
	if err != nil {
		return nil, err
	}
	s.project.standIns = wanted
	if err := s.project.translate(existing); err != nil {
		return nil, err
	}
	m, err := s.engine.Resolve(ctx, s.project.translation.Declarations)
	if err != nil {
		return nil, err
	}
	o, err := s.engine.Observe(ctx, m, s.observedKinds(m), opts)
	if err != nil {
		return nil, err
	}
	concerned, err := s.selectedBy(m)
	if err == nil {
		err = o.ErrOf(m, concerned)
	}
	if err != nil {
		return nil, err
	}
	return s.planFrom(m, o, opts)
}
