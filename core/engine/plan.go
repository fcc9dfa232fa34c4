package engine

import (
	"strings"
	"time"

	"github.com/icc-project/icc/sdk/resource"
)

// Plan is what is going to be done, in the form of a graph. Goals make it, Apply runs it.
type Plan struct {
	Steps       []Step
	Model       *Model
	Observation *Observation
	// Began is when work on it began, if that was before Apply (see Renew).
	Began time.Time
	// Orphans are objects of the project that no declaration names and no step removes.
	Orphans []resource.State
	// Outdated are changes that are not made because existing resources are to stay as they are.
	Outdated []resource.Change
	// Updates are the rolling updates among the steps.
	Updates []*Update
	index   map[string]int
	// halted is what stands still or makes way while something changes that it uses.
	halted Set
	// recorded are the edges of what nothing declares.
	recorded map[resource.Ref][]resource.Edge
}

// Step is one action on one resource.
type Step struct {
	Ref     resource.Ref
	Action  resource.Action
	Change  resource.Change
	Options resource.Options
	// Needs are the IDs of the steps that must be done before.
	Needs []string
	// Waiters are the resources that a wait is for, by their names on the server.
	Waiters []string
	// Label tells steps apart that do the same to the same resource.
	Label string
	// Reroute is what a step of resource.ActionReroute does.
	Reroute *resource.Reroute
	// Update is the rolling update that the step belongs to, if any.
	Update *Update
	// Lenient says that a failed wait is a warning only, because every waiter can do without.
	Lenient bool
}

// waiters says who waits for what: "web-1 and worker-1 wait for it to be healthy".
func (s Step) waiters() string {
	names := s.Waiters
	switch len(names) {
	case 0:
		return ""
	case 1:
		return names[0] + " waits for it " + awaited(s.Action)
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1] + " wait for it " + awaited(s.Action)
}

// Reason says why the step is in the plan, as far as its plugin or its waiters tell.
func (s Step) Reason() string {
	if r := s.waiters(); r != "" {
		return r
	}
	return s.Change.Reason
}

// ID names the step inside its plan.
func (s Step) ID() string {
	if s.Label != "" {
		return stepID(s.Action, s.Ref) + " " + s.Label
	}
	return stepID(s.Action, s.Ref)
}

func stepID(a resource.Action, ref resource.Ref) string { return string(a) + " " + ref.String() }

func newPlan(m *Model, o *Observation) *Plan {
	return &Plan{Model: m, Observation: o, index: make(map[string]int), halted: make(Set), recorded: recordedEdges(m, o)}
}

// Empty reports whether there is nothing to do.
func (p *Plan) Empty() bool { return len(p.Steps) == 0 }

// add appends a step; a second one with the same ID is dropped.
func (p *Plan) add(s Step) {
	if _, ok := p.index[s.ID()]; ok {
		return
	}
	p.index[s.ID()] = len(p.Steps)
	p.Steps = append(p.Steps, s)
}

func (p *Plan) has(a resource.Action, ref resource.Ref) bool {
	_, ok := p.index[stepID(a, ref)]
	return ok
}

// need makes the step (a, ref) wait for the step (b, on) when both are in the plan.
func (p *Plan) need(a resource.Action, ref resource.Ref, b resource.Action, on resource.Ref) {
	i, ok := p.index[stepID(a, ref)]
	if !ok || !p.has(b, on) || stepID(a, ref) == stepID(b, on) {
		return
	}
	p.Steps[i].Needs = append(p.Steps[i].Needs, stepID(b, on))
}

// resolvedOf returns the model's resource, or for an undeclared object one made from its state.
func (p *Plan) resolvedOf(ref resource.Ref) resource.Resolved {
	if r, ok := p.Model.Get(ref); ok {
		return r
	}
	s := p.Observation.States[ref]
	return resource.Resolved{Ref: ref, IncusName: s.IncusName, DependsOn: s.DependsOn}
}
