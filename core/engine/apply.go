package engine

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/core/stack"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// Outcome is what Apply did.
type Outcome struct {
	// Changed counts the steps that changed something.
	Changed int
	Elapsed time.Duration
	// Outputs are those of every resource of the model, after the run.
	Outputs map[resource.Ref]json.RawMessage
	// done and failed are IDs of steps.
	done, failed []string
}

// State returns what is known of a resource of the model after the run, for sessions and actions outside of a plan.
func (o *Outcome) State(m *Model, ref resource.Ref) resource.State {
	r, _ := m.Get(ref)
	return resource.State{
		Ref: ref, IncusName: r.IncusName, Exists: true, Declared: true, DependsOn: r.DependsOn, Outputs: o.Outputs[ref],
	}
}

// Apply runs the plan's steps. It returns every error; what was not begun is reported as skipped events.
// When ctx ends, running actions are cancelled and no new ones begin.
func (e *Engine) Apply(ctx context.Context, p *Plan) (*Outcome, error) {
	o, err := e.apply(ctx, p)
	if o != nil {
		if !p.Began.IsZero() {
			o.Elapsed = time.Since(p.Began)
		}
		e.emit(event.Event{Type: event.Summary, Elapsed: o.Elapsed, Err: err})
	}
	return o, err
}

// apply is Apply without the closing summary, for a part of a longer run.
func (e *Engine) apply(ctx context.Context, p *Plan) (*Outcome, error) {
	begin := time.Now()
	if err := e.refuseBuilds(ctx, p); err != nil {
		return &Outcome{Elapsed: time.Since(begin)}, err
	}
	r := &run{engine: e, plan: p, outputs: make(map[resource.Ref]json.RawMessage)}
	for ref, s := range p.Observation.States {
		r.outputs[ref] = usableOutputs(s)
	}
	graph := stack.New()
	for _, s := range p.Steps {
		if err := graph.Add(r.node(s)); err != nil {
			return nil, err
		}
	}
	result, err := graph.Run(ctx, stack.Options{Workers: e.workers})
	o := &Outcome{Changed: r.changed, Elapsed: time.Since(begin), Outputs: r.outputs}
	if result != nil {
		r.reportSkipped(result)
		o.done = result.Done
		for _, f := range result.Failed {
			o.failed = append(o.failed, f.ID)
		}
		if late := r.settleUpdates(ctx); late != nil {
			err = errors.Join(err, late)
		}
	}
	return o, err
}

// run is one Apply in progress.
type run struct {
	engine  *Engine
	plan    *Plan
	mu      sync.Mutex
	outputs map[resource.Ref]json.RawMessage
	changed int
	// rolling is how far the plan's updates have come.
	rolling map[*Update]*rolled
}

func (r *run) node(s Step) stack.Node {
	resolved := r.plan.resolvedOf(s.Ref)
	n := stack.Node{
		ID:       s.ID(),
		Ref:      s.Ref,
		Action:   s.Action,
		Priority: resolved.Priority,
		Waits:    blocks(s.Action),
		Do:       func(ctx context.Context) error { return r.do(ctx, s, resolved) },
	}
	for _, id := range s.Needs {
		n.Needs = append(n.Needs, stack.Need{ID: id})
	}
	return n
}

// do performs one step and reports it.
func (r *run) do(ctx context.Context, s Step, resolved resource.Resolved) error {
	if r.abandoned(s) {
		return nil
	}
	sink := event.Sink{Handler: r.engine.emit, Ref: s.Ref, Action: s.Action, IncusName: resolved.IncusName}
	e := event.Event{Ref: s.Ref, Action: s.Action, IncusName: resolved.IncusName, Class: s.Change.Class, Percent: -1}
	begin := time.Now()
	e.Type = event.Started
	r.engine.emit(e)

	result, err := r.perform(ctx, s, resolved, sink)
	if s.Action == resource.ActionWait && len(s.Waiters) == 0 && errors.Is(err, resource.ErrUnsupportedAction) {
		// Nobody depends on it: `up --wait` is content with what runs and cannot be asked for its health.
		result, err = &sdk.RunResult{}, nil
	}
	e.Elapsed = time.Since(begin)
	if err != nil {
		err = s.locate(s.explain(seen(describe(err, s.Ref, s.Action), s.Ref, resolved.IncusName)), resolved.Position)
		if s.Lenient && ctx.Err() == nil {
			sink.Notice(resource.LevelWarning, err.Error())
			e.Type = event.Skipped
			r.engine.emit(e)
			return nil
		}
		e.Type, e.Err = event.Failed, err
		r.engine.emit(e)
		if ctx.Err() == nil && r.tolerates(s, err) {
			return nil
		}
		return err
	}
	r.record(s, result)
	r.accomplished(s)
	e.Type, e.Changed = event.Done, result.Changed || result.Created
	r.engine.emit(e)
	return nil
}

// perform calls the plugin, satisfying what it asks for, until it is done.
func (r *run) perform(ctx context.Context, s Step, resolved resource.Resolved, sink resource.Sink) (*sdk.RunResult, error) {
	if result, done, err := r.performOwn(ctx, s); done {
		return result, err
	}
	provider, err := r.engine.plugins.Provider(ctx, s.Ref.Kind)
	if err != nil {
		return nil, err
	}
	req := sdk.RunRequest{
		Resource: resolved,
		Action:   s.Action,
		Change:   s.Change,
		State:    r.plan.Observation.States[s.Ref],
		Inputs:   r.inputs(resolved),
		Options:  s.Options,
	}
	// A plugin that still needs something after it was given what it asked for would ask for ever.
	const maxRounds = 3
	for range maxRounds {
		result, err := provider.Run(ctx, req, sink)
		if err != nil || len(result.Needs) == 0 {
			return result, err
		}
		for _, need := range result.Needs {
			input, done, err := r.satisfy(ctx, resolved, need, sink)
			if err != nil {
				return nil, err
			}
			defer done()
			req.Inputs = append(req.Inputs, input)
		}
	}
	return nil, resource.ErrPlugin.WithText("the plugin keeps asking for the same thing")
}

// inputs returns the outputs of everything the resource needs, as they are now.
func (r *run) inputs(resolved resource.Resolved) []resource.Input {
	r.mu.Lock()
	defer r.mu.Unlock()
	var inputs []resource.Input
	for _, e := range resolved.DependsOn {
		if out := r.outputs[e.To]; out != nil {
			inputs = append(inputs, resource.Input{Ref: e.To, Outputs: out})
		}
	}
	return inputs
}

func (r *run) record(s Step, result *sdk.RunResult) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if result.Outputs != nil {
		r.outputs[s.Ref] = result.Outputs
	}
	if result.Changed || result.Created {
		r.changed++
	}
}

// reportSkipped reports each resource once, however many of its steps were not begun, unless it is the one that failed.
func (r *run) reportSkipped(result *stack.Result) {
	seen := make(map[resource.Ref]bool)
	for _, f := range result.Failed {
		seen[r.plan.Steps[r.plan.index[f.ID]].Ref] = true
	}
	for _, id := range result.Skipped {
		s := r.plan.Steps[r.plan.index[id]]
		if seen[s.Ref] {
			continue
		}
		seen[s.Ref] = true
		name := r.plan.resolvedOf(s.Ref).IncusName
		r.engine.emit(event.Event{Type: event.Skipped, Ref: s.Ref, Action: s.Action, IncusName: name, Percent: -1})
	}
}
