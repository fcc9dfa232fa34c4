package engine

import (
	"slices"
	"strings"

	"github.com/icc-project/icc/sdk/resource"
)

// DownOptions bound what Down removes.
type DownOptions struct {
	// Select bounds the run to some resources; nil means the whole project.
	Select Selection
	// Persistent names the kinds whose persistent objects go too (`--volumes`, `--rmi`).
	Persistent []resource.Kind
	// KeepOrphans leaves startable objects that no declaration names, and what they may be using.
	KeepOrphans bool
	// Keep names objects to leave: persistent ones of a kind that goes, and undeclared startable ones that are no
	// orphans, with what they may be using.
	Keep    Set
	Options resource.Options
}

// Down plans to stop and delete what exists. Dependents go before what they need.
func Down(m *Model, o *Observation, opts DownOptions) *Plan {
	p := newPlan(m, o)
	kept := opts.kept(m, o)
	for _, s := range sortedStates(o) {
		if !opts.removes(s) {
			continue
		}
		if kept[s.Ref] {
			if !opts.Keep[s.Ref] {
				p.Orphans = append(p.Orphans, s)
			}
			continue
		}
		// What the kept ones use is not known, so nothing is taken from them but what was asked for by kind.
		if len(kept) > 0 && !startable(s) && !s.Persistent {
			continue
		}
		p.planStop(s, opts.Options)
		run := opts.Options
		run.Force = run.Force || startable(s) // what has been started again since it was looked at goes nevertheless
		p.add(Step{Ref: s.Ref, Action: resource.ActionDelete, Options: run,
			Change: resource.Change{Ref: s.Ref, Class: resource.ClassDelete}})
		p.need(resource.ActionDelete, s.Ref, resource.ActionStop, s.Ref)
	}
	p.linkDown()
	p.linkUndeclared()
	return p
}

// kept returns the startable objects that are left. Without any declaration the whole project is meant.
func (d DownOptions) kept(m *Model, o *Observation) Set {
	kept := make(Set)
	for _, s := range o.States {
		if !s.Declared && len(m.Resolved) > 0 && startable(s) && d.removes(s) && (d.KeepOrphans || d.Keep[s.Ref]) {
			kept[s.Ref] = true
		}
	}
	return kept
}

// removes reports whether the object is among those to remove.
func (d DownOptions) removes(s resource.State) bool {
	if !s.Exists || s.External || !d.Select.Has(s.Ref) {
		return false
	}
	return !s.Persistent || slices.Contains(d.Persistent, s.Kind) && !d.Keep[s.Ref]
}

// startable reports whether the object's status is that of something that runs or could run.
func startable(s resource.State) bool {
	switch s.Status {
	case resource.StatusAvailable, resource.StatusMissing, "":
		return false
	}
	return true
}

func (p *Plan) planStop(s resource.State, opts resource.Options) {
	if s.Status == resource.StatusRunning || s.Status == resource.StatusPaused {
		p.add(Step{Ref: s.Ref, Action: resource.ActionStop, Options: opts})
	}
}

// linkDown makes stopping and deleting walk the edges backwards.
func (p *Plan) linkDown() {
	for _, s := range sortedStates(p.Observation) {
		for _, e := range p.edges(s.Ref) {
			p.need(resource.ActionStop, e.To, resource.ActionStop, s.Ref)
			p.need(resource.ActionDelete, e.To, resource.ActionDelete, s.Ref)
		}
	}
}

// linkUndeclared orders the deletion of objects without known edges: whatever has a higher priority goes first, as far as
// that does not contradict the known edges.
func (p *Plan) linkUndeclared() {
	type doomed struct {
		resource.Ref
		priority int
		declared bool
	}
	var all []doomed
	for _, s := range sortedStates(p.Observation) {
		if p.has(resource.ActionDelete, s.Ref) {
			_, declared := p.Model.Get(s.Ref)
			all = append(all, doomed{s.Ref, p.priority(s), declared})
		}
	}
	for _, user := range all {
		for _, used := range all {
			if used.priority >= user.priority || used.declared && user.declared {
				continue
			}
			if !p.needs(stepID(resource.ActionDelete, user.Ref), stepID(resource.ActionDelete, used.Ref)) {
				p.need(resource.ActionDelete, used.Ref, resource.ActionDelete, user.Ref)
			}
		}
	}
}

// needs says whether a step needs another one, over however many others.
func (p *Plan) needs(id, other string) bool {
	seen := make(map[string]bool)
	var visit func(id string) bool
	visit = func(id string) bool {
		if id == other {
			return true
		}
		i, ok := p.index[id]
		if !ok || seen[id] {
			return false
		}
		seen[id] = true
		return slices.ContainsFunc(p.Steps[i].Needs, visit)
	}
	return visit(id)
}

// priority returns the declared priority, or for undeclared objects the one of their kind.
func (p *Plan) priority(s resource.State) int {
	if r, ok := p.Model.Get(s.Ref); ok {
		return r.Priority
	}
	return p.Observation.Priorities[s.Kind]
}

func sortedStates(o *Observation) []resource.State {
	out := make([]resource.State, 0, len(o.States))
	for _, s := range o.States {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b resource.State) int { return strings.Compare(a.Ref.String(), b.Ref.String()) })
	return out
}
