package engine

import (
	"slices"

	"github.com/icc-project/icc/sdk/resource"
)

// Model is a project after Resolve: every wanted resource with its name on the server and its edges.
type Model struct {
	Resolved    []resource.Resolved
	Diagnostics []resource.Diagnostic
	index       map[resource.Ref]int
	// onDemand are the resources that others want to be prepared; see resource.ConditionPrepared.
	onDemand Set
}

// NewModel returns a model of the given resources.
func NewModel(resolved []resource.Resolved) *Model {
	m := &Model{Resolved: resolved, index: make(map[resource.Ref]int, len(resolved)), onDemand: make(Set)}
	for i, r := range resolved {
		m.index[r.Ref] = i
		for _, e := range r.DependsOn {
			if e.Condition == resource.ConditionPrepared {
				m.onDemand[e.To] = true
			}
		}
	}
	return m
}

// Get returns the resource of that name, and whether there is one.
func (m *Model) Get(ref resource.Ref) (resource.Resolved, bool) {
	i, ok := m.index[ref]
	if !ok {
		return resource.Resolved{}, false
	}
	return m.Resolved[i], true
}

// Set is a set of resources.
type Set map[resource.Ref]bool

// Selection is a set of resources to act on; nil means all.
type Selection map[resource.Ref]bool

// Has reports whether the resource is selected.
func (s Selection) Has(ref resource.Ref) bool { return s == nil || s[ref] }

// Select returns roots and everything they need. With noDeps, other resources of a root's own kind are left out:
// a service is selected with its image (and the images that it is built from), networks and volumes but without the services it depends on. What it has on
// demand is its own and comes along.
func (m *Model) Select(roots []resource.Ref, noDeps bool) Selection {
	s := make(Selection)
	own := make(map[resource.Kind]bool)
	for _, ref := range roots {
		own[ref.Kind] = true
	}
	var visit func(ref resource.Ref)
	visit = func(ref resource.Ref) {
		r, ok := m.Get(ref)
		if !ok || s[ref] {
			return
		}
		s[ref] = true
		for _, e := range r.DependsOn {
			if noDeps && own[ref.Kind] && e.To.Kind == ref.Kind && !m.onDemand[e.To] && !slices.Contains(roots, e.To) {
				continue
			}
			visit(e.To)
		}
	}
	for _, ref := range roots {
		visit(ref)
	}
	return s
}

// levelsOf orders the given kinds, the model's own for nil. Kinds that the model does not have need nobody.
func (m *Model) levelsOf(kinds []resource.Kind) [][]resource.Kind {
	levels := m.kindLevels()
	if kinds == nil {
		return levels
	}
	rest := slices.Clone(kinds)
	var out [][]resource.Kind
	for _, level := range levels {
		wanted := slices.DeleteFunc(level, func(k resource.Kind) bool { return !slices.Contains(kinds, k) })
		rest = slices.DeleteFunc(rest, func(k resource.Kind) bool { return slices.Contains(wanted, k) })
		out = append(out, wanted)
	}
	return append(out, rest)
}

// kindLevels orders the kinds so that each comes after the kinds its resources need. Kinds of one level do not need
// each other. Kinds that need each other in a circle are ordered by priority.
func (m *Model) kindLevels() [][]resource.Kind {
	needs := make(map[resource.Kind]map[resource.Kind]bool)
	priority := make(map[resource.Kind]int)
	for _, r := range m.Resolved {
		if needs[r.Kind] == nil {
			needs[r.Kind] = make(map[resource.Kind]bool)
			priority[r.Kind] = r.Priority
		}
		for _, e := range r.DependsOn {
			if _, declared := m.index[e.To]; declared && e.To.Kind != r.Kind {
				needs[r.Kind][e.To.Kind] = true
			}
		}
	}
	var levels [][]resource.Kind
	for len(needs) > 0 {
		level := readyKinds(needs)
		if len(level) == 0 {
			level = []resource.Kind{lowestPriority(needs, priority)}
		}
		for _, k := range level {
			delete(needs, k)
		}
		for _, rest := range needs {
			for _, k := range level {
				delete(rest, k)
			}
		}
		levels = append(levels, level)
	}
	return levels
}

func readyKinds(needs map[resource.Kind]map[resource.Kind]bool) []resource.Kind {
	var ready []resource.Kind
	for k, n := range needs {
		if len(n) == 0 {
			ready = append(ready, k)
		}
	}
	slices.Sort(ready)
	return ready
}

func lowestPriority(needs map[resource.Kind]map[resource.Kind]bool, priority map[resource.Kind]int) resource.Kind {
	var best resource.Kind
	for k := range needs {
		if best == "" || priority[k] < priority[best] || priority[k] == priority[best] && k < best {
			best = k
		}
	}
	return best
}
