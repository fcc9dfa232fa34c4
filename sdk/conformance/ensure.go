package conformance

import (
	"testing"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

func ensureOnce(t testing.TB, s *subject) {
	w := s.begin(t)
	for _, level := range w.levels(w.resolved) {
		for _, r := range level {
			first := w.must(w.request(r, resource.ActionEnsure))
			if !first.Created || !first.Changed {
				t.Errorf("ensure makes %s and says created: %v, changed: %v", r.Ref, first.Created, first.Changed)
			}
			s.fitsSchema(t, r.Ref, first.Outputs)
			quiet := s.watch(t)
			w.exists(r, first)
			w.unchanged("the second ensure", w.request(r, resource.ActionEnsure), first)
			quiet()
		}
	}
}

// ensureWithoutPlan runs ensure as after a crash: nobody has looked, yet all is there.
func ensureWithoutPlan(t testing.TB, s *subject) {
	w := s.begin(t)
	for _, level := range w.levels(w.resolved) {
		for _, r := range level {
			req := w.request(r, resource.ActionEnsure)
			first := w.must(req)
			quiet := s.watch(t)
			w.unchanged("the same ensure again", req, first)
			req.State, req.Change = resource.State{}, resource.Change{}
			w.unchanged("an ensure without a plan", req, first)
			quiet()
		}
	}
}

// exists checks what Plan says about a resource that ensure has just made.
func (w *walk) exists(r resource.Resolved, first *sdk.RunResult) {
	w.t.Helper()
	declared := resource.ByKind(w.resolved, r.Kind)
	result := w.plan(r.Kind, declared...)
	planComplete(w.t, result, r.Kind, declared)
	state, change := stateOf(w.t, result, r.Ref), changeOf(result, r.Ref)
	if !state.Exists || state.Status == resource.StatusMissing || state.Status == "" || state.External {
		w.t.Errorf("ensure has made %s and its state is %+v", r.Ref, state)
	}
	if change.Class != resource.ClassNone || len(change.Fields) > 0 {
		w.t.Errorf("ensure has made %s and Plan wants the change %q: %s %+v", r.Ref, change.Class, change.Reason, change.Fields)
	}
	w.s.fitsSchema(w.t, r.Ref, state.Outputs)
	if diff := w.s.difference(first.Outputs, state.Outputs); diff != "" {
		w.t.Errorf("Plan puts out something else for %s than ensure (-ensure +Plan):\n%s", r.Ref, diff)
	}
}

// unchanged runs an ensure that has nothing to do.
func (w *walk) unchanged(what string, req sdk.RunRequest, first *sdk.RunResult) {
	w.t.Helper()
	again := w.must(req)
	if again.Created || again.Changed {
		w.t.Errorf("%s of %s says created: %v, changed: %v", what, req.Resource.Ref, again.Created, again.Changed)
	}
	if diff := w.s.difference(first.Outputs, again.Outputs); diff != "" {
		w.t.Errorf("%s of %s puts out something else (-first +again):\n%s", what, req.Resource.Ref, diff)
	}
}
