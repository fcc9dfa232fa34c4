package engine

import "github.com/icc-project/icc/sdk/resource"

// recordedEdges returns the edges that the server has of what nothing declares, without those that close a circle: they
// were written down at different times, or by hand, and have to be stopped and removed in some order all the same.
func recordedEdges(m *Model, o *Observation) map[resource.Ref][]resource.Edge {
	edges := make(map[resource.Ref][]resource.Edge)
	open := make(Set) // true while a resource's edges are followed
	var follow func(ref resource.Ref)
	follow = func(ref resource.Ref) {
		if _, done := open[ref]; done {
			return
		}
		if _, declared := m.Get(ref); declared {
			return // its edges are the declared ones
		}
		open[ref] = true
		for _, e := range o.States[ref].DependsOn {
			if !open[e.To] {
				follow(e.To)
				edges[ref] = append(edges[ref], e)
			}
		}
		open[ref] = false
	}
	for _, s := range sortedStates(o) {
		follow(s.Ref)
	}
	return edges
}

// edges returns what the resource depends on: as declared, or as recorded on the server.
func (p *Plan) edges(ref resource.Ref) []resource.Edge {
	if r, declared := p.Model.Get(ref); declared {
		return r.DependsOn
	}
	return p.recorded[ref]
}
