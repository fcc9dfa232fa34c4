package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// Observation is what the plugins saw on the server and what they would change.
type Observation struct {
	States  map[resource.Ref]resource.State
	Changes map[resource.Ref]resource.Change
	// Drift is what others have changed on objects that icc made, see Drifts.
	Drift       map[resource.Ref]resource.Change
	Diagnostics []resource.Diagnostic
	// Priorities are those of the known kinds.
	Priorities map[resource.Kind]int
}

// Err returns the diagnostics of severity error as one error. It matters to goals that bring something into its declared
// form; what exists can be stopped and removed in spite of it.
func (o *Observation) Err() error { return firstError(o.Diagnostics) }

// ErrOf is Err without what is wrong with declared resources outside the selection: those are left alone.
func (o *Observation) ErrOf(m *Model, s Selection) error { return firstError(o.Concerning(m, s)) }

// Concerning returns the diagnostics that are not about declared resources outside the selection.
func (o *Observation) Concerning(m *Model, s Selection) []resource.Diagnostic {
	return slices.DeleteFunc(slices.Clone(o.Diagnostics), func(d resource.Diagnostic) bool {
		_, declared := m.Get(d.Ref)
		return declared && !s.Has(d.Ref)
	})
}

// Undeclared returns the states that no declaration names, in no particular order.
func (o *Observation) Undeclared() []resource.State {
	var out []resource.State
	for _, s := range o.States {
		if s.Exists && !s.Declared {
			out = append(out, s)
		}
	}
	return out
}

// Observe asks every plugin concerned to compare the model with the server. An empty model shows all there is of
// the project. Kinds bounds the question; nil means the model's kinds, or all kinds for an empty model.
func (e *Engine) Observe(ctx context.Context, m *Model, kinds []resource.Kind, opts resource.Options) (*Observation, error) {
	return e.ObserveFrom(ctx, nil, m, kinds, opts)
}

// ObserveFrom is Observe with a glance that began earlier, or none.
func (e *Engine) ObserveFrom(ctx context.Context, glance *Glance, m *Model, kinds []resource.Kind, opts resource.Options) (*Observation, error) {
	known, err := e.plugins.Kinds(ctx)
	if err != nil {
		return nil, err
	}
	o := &observer{engine: e, glance: glance, model: m, opts: opts, byKind: groupByKind(m), Observation: &Observation{
		States:     make(map[resource.Ref]resource.State),
		Changes:    make(map[resource.Ref]resource.Change),
		Drift:      make(map[resource.Ref]resource.Change),
		Priorities: make(map[resource.Kind]int),
	}}
	var all []resource.Kind
	for _, k := range known {
		o.Priorities[k.Kind] = k.Priority
		all = append(all, k.Kind)
	}
	if kinds == nil && len(m.Resolved) == 0 {
		kinds = all
	}
	levels := m.levelsOf(kinds)
	if glance == nil {
		o.glance = e.Look(ctx, slices.Concat(levels...)...)
	}
	for _, level := range levels {
		g, gctx := errgroup.WithContext(ctx)
		for _, kind := range level {
			g.Go(func() error { return o.observe(gctx, kind) })
		}
		if err := g.Wait(); err != nil {
			return nil, err
		}
	}
	return o.Observation, nil
}

func groupByKind(m *Model) map[resource.Kind][]resource.Resolved {
	groups := make(map[resource.Kind][]resource.Resolved)
	for _, r := range m.Resolved {
		groups[r.Kind] = append(groups[r.Kind], r)
	}
	return groups
}

// observer collects the answers of one Observe.
type observer struct {
	engine *Engine
	glance *Glance
	model  *Model
	opts   resource.Options
	byKind map[resource.Kind][]resource.Resolved
	mu     sync.Mutex
	*Observation
}

func (o *observer) observe(ctx context.Context, kind resource.Kind) error {
	p, err := o.engine.plugins.Provider(ctx, kind)
	if err != nil {
		return err
	}
	resolved := o.byKind[kind]
	answer, err := p.Plan(ctx, sdk.PlanRequest{
		Kind: kind, Resolved: resolved, Inputs: o.inputs(resolved), Options: o.opts, Snapshot: o.glance.take(ctx, kind),
	})
	if err != nil {
		return o.locate(describe(err, resource.Ref{Kind: kind}, "plan"), resolved)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, s := range answer.States {
		if s.Declared || !o.States[s.Ref].Declared { // another object under its name is nobody's business
			o.States[s.Ref] = s
		}
	}
	for _, c := range answer.Changes {
		if c.Class != resource.ClassDelete || !o.States[c.Ref].Declared { // what is declared is never surplus
			o.Changes[c.Ref] = c
		}
	}
	for _, c := range answer.Drift {
		o.Drift[c.Ref] = c
	}
	o.Diagnostics = append(o.Diagnostics, answer.Diagnostics...)
	return nil
}

// locate adds the place of the declaration that a plugin could not compare, as far as its error names one.
func (o *observer) locate(err error, resolved []resource.Resolved) error {
	var e *resource.Error
	if !errors.As(err, &e) {
		return err
	}
	for _, r := range resolved {
		if r.Kind == e.Kind && r.Name == e.Name && r.Position != (resource.Position{}) {
			return fmt.Errorf("%s: %w", r.Position, err)
		}
	}
	return err
}

// inputs returns the known outputs of everything the resources need, each once. Of what does not exist yet they are what
// its plugin says that they will be, if it does.
func (o *observer) inputs(resolved []resource.Resolved) []resource.Input {
	o.mu.Lock()
	defer o.mu.Unlock()
	seen := make(map[resource.Ref]bool)
	var inputs []resource.Input
	for _, r := range resolved {
		for _, e := range r.DependsOn {
			outputs := o.States[e.To].Outputs
			if seen[e.To] || outputs == nil {
				continue
			}
			seen[e.To] = true
			inputs = append(inputs, resource.Input{Ref: e.To, Outputs: outputs})
		}
	}
	return inputs
}

// usableOutputs returns what an existing resource puts out, nil when it does not exist yet.
func usableOutputs(s resource.State) json.RawMessage {
	if !s.Exists {
		return nil
	}
	return s.Outputs
}
