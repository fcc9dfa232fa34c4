package conformance

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// walk is one way through the life of the declared resources, driven as the core does it.
type walk struct {
	s        *subject
	t        testing.TB
	p        sdk.Provider
	resolved []resource.Resolved
	outputs  map[resource.Ref]json.RawMessage
}

// begin resolves the declarations with the case's settings, or with others when given.
func (s *subject) begin(t testing.TB, others ...sdk.Settings) *walk {
	t.Helper()
	settings := s.Settings
	for _, o := range others {
		settings = o
	}
	w := &walk{s: s, t: t, p: s.with(t, settings), outputs: map[resource.Ref]json.RawMessage{}}
	for _, in := range s.Inputs {
		w.outputs[in.Ref] = in.Outputs
	}
	w.resolved = w.resolve(s.Declarations)
	return w
}

// resolve returns the answers in the order of the questions.
func (w *walk) resolve(decls []resource.Declaration) []resource.Resolved {
	w.t.Helper()
	answer, err := w.p.Resolve(w.t.Context(), decls)
	if err != nil {
		w.t.Fatalf("Resolve: %v", err)
	}
	for _, d := range answer.Diagnostics {
		if d.Severity == resource.SeverityError {
			w.t.Fatalf("Resolve: %s: %s (the declarations of a case must be valid)", d.Ref, d.Text)
		}
	}
	var out []resource.Resolved
	for _, d := range decls {
		i := slices.IndexFunc(answer.Resolved, func(r resource.Resolved) bool { return r.Ref == d.Ref })
		if i < 0 {
			w.t.Fatalf("Resolve does not answer %s", d.Ref)
		}
		out = append(out, answer.Resolved[i])
	}
	return out
}

// inputs returns the outputs of what the resources need, as far as they are known.
func (w *walk) inputs(rs ...resource.Resolved) []resource.Input {
	var inputs []resource.Input
	for _, r := range rs {
		for _, e := range r.DependsOn {
			known := slices.ContainsFunc(inputs, func(in resource.Input) bool { return in.Ref == e.To })
			if out := w.outputs[e.To]; out != nil && !known {
				inputs = append(inputs, resource.Input{Ref: e.To, Outputs: out})
			}
		}
	}
	return inputs
}

// planRequest is the question about some resources of one kind.
func (w *walk) planRequest(kind resource.Kind, rs ...resource.Resolved) sdk.PlanRequest {
	return sdk.PlanRequest{Kind: kind, Resolved: rs, Inputs: w.inputs(rs...), Options: w.s.options()}
}

func (w *walk) plan(kind resource.Kind, rs ...resource.Resolved) *sdk.PlanResult {
	w.t.Helper()
	return w.answer(w.planRequest(kind, rs...))
}

func (w *walk) answer(req sdk.PlanRequest) *sdk.PlanResult {
	w.t.Helper()
	result, err := w.p.Plan(w.t.Context(), req)
	if err != nil {
		w.t.Fatalf("planning %s: %v", req.Kind, err)
	}
	for _, d := range result.Diagnostics {
		if d.Severity == resource.SeverityError {
			w.t.Fatalf("planning %s: %s (hint: %s)", d.Ref, d.Text, d.Hint)
		}
	}
	return result
}

// look returns what a plan says about one declared resource.
func (w *walk) look(r resource.Resolved) (resource.State, resource.Change) {
	w.t.Helper()
	result := w.plan(r.Kind, resource.ByKind(w.resolved, r.Kind)...)
	return stateOf(w.t, result, r.Ref), changeOf(result, r.Ref)
}

func stateOf(t testing.TB, result *sdk.PlanResult, ref resource.Ref) resource.State {
	t.Helper()
	i := slices.IndexFunc(result.States, func(s resource.State) bool { return s.Ref == ref })
	if i < 0 {
		t.Fatalf("Plan returns no state of %s", ref)
	}
	return result.States[i]
}

// changeOf returns the change of a resource; none at all means none.
func changeOf(result *sdk.PlanResult, ref resource.Ref) resource.Change {
	for _, c := range result.Changes {
		if c.Ref == ref {
			return c
		}
	}
	return resource.Change{Ref: ref, Class: resource.ClassNone}
}

// request is an action on a declared resource after a look at it.
func (w *walk) request(r resource.Resolved, a resource.Action) sdk.RunRequest {
	w.t.Helper()
	state, change := w.look(r)
	if a != resource.ActionEnsure {
		change = resource.Change{}
	}
	return sdk.RunRequest{Resource: r, Action: a, State: state, Change: change, Inputs: w.inputs(r), Options: w.s.options()}
}

// run performs an action and answers what it needs, if the case has the answer.
func (w *walk) run(ctx context.Context, req sdk.RunRequest) (*sdk.RunResult, error) {
	result, err := w.p.Run(ctx, req, resource.Discard{})
	if err != nil || len(result.Needs) == 0 {
		return result, err
	}
	for _, need := range result.Needs {
		ref := resource.Ref{Kind: need.Kind, Name: need.Name}
		if w.outputs[ref] == nil {
			w.t.Fatalf("%s needs %s, which is not among the inputs of the case", req.Resource.Ref, ref)
		}
		req.Inputs = append(req.Inputs, resource.Input{Ref: ref, Outputs: w.outputs[ref]})
	}
	if result, err = w.p.Run(ctx, req, resource.Discard{}); err == nil && len(result.Needs) > 0 {
		w.t.Fatalf("%s goes on asking for what it got", req.Resource.Ref)
	}
	return result, err
}

// must performs an action that has to succeed.
func (w *walk) must(req sdk.RunRequest) *sdk.RunResult {
	w.t.Helper()
	result, err := w.run(w.t.Context(), req)
	if err != nil {
		w.t.Fatalf("%s of %s: %v (hint: %s)", req.Action, req.Resource.Ref, err, resource.Hint(err))
	}
	if result.Outputs != nil && req.Action == resource.ActionEnsure {
		w.outputs[req.Resource.Ref] = result.Outputs
	}
	return result
}
