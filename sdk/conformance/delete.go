package conformance

import (
	"slices"
	"testing"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

func deleteTwice(t testing.TB, s *subject) {
	w := s.begin(t)
	w.ensureAll()
	for _, level := range slices.Backward(w.levels(w.resolved)) {
		for _, r := range level {
			req := w.request(r, resource.ActionDelete)
			req.Options.Create = false
			if result := w.must(req); !result.Changed {
				t.Errorf("delete of %s says that nothing changed", r.Ref)
			}
			w.missing("delete", r)
			quiet := s.watch(t)
			if result := w.must(req); result.Changed {
				t.Errorf("the second delete of %s says that something changed", r.Ref)
			}
			req.State, _ = w.look(r)
			if result := w.must(req); result.Changed {
				t.Errorf("delete of %s, which Plan calls missing, says that something changed", r.Ref)
			}
			quiet()
		}
	}
}

// missing checks that Plan knows nothing of a resource any more.
func (w *walk) missing(after string, r resource.Resolved) {
	w.t.Helper()
	if state, change := w.look(r); state.Exists || change.Class != resource.ClassCreate {
		w.t.Errorf("after %s, %s is %q (exists: %v) and the change %q", after, r.Ref, state.Status, state.Exists, change.Class)
	}
	for _, state := range w.plan(r.Kind).States {
		if state.Ref == r.Ref {
			w.t.Errorf("after %s, Plan without declarations shows %s", after, r.Ref)
		}
	}
}

// undeclared looks at the server as `ps` and `down` do when the compose file is gone.
func undeclared(t testing.TB, s *subject) {
	w := s.begin(t)
	w.ensureAll()
	for _, kind := range slices.Backward(s.kinds()) {
		if s.Shared {
			if left := w.plan(kind).States; len(left) > 0 {
				t.Errorf("the case calls its objects shared, and Plan without declarations shows %s", left[0].Ref)
			}
			continue
		}
		declared := resource.ByKind(w.resolved, kind)
		all := w.plan(kind, declared...)
		quiet := s.watch(t)
		alone := w.plan(kind)
		planComplete(t, alone, kind, nil)
		w.othersShown(declared)
		quiet()
		for _, r := range declared {
			w.sameUndeclared(stateOf(t, all, r.Ref), stateOf(t, alone, r.Ref))
		}
		w.deleteFromState(kind, declared, alone)
	}
}

// othersShown plans for the first resource only: the others are undeclared then.
func (w *walk) othersShown(declared []resource.Resolved) {
	w.t.Helper()
	result := w.plan(declared[0].Kind, declared[0])
	planComplete(w.t, result, declared[0].Kind, declared[:1])
	for _, r := range declared[1:] {
		stateOf(w.t, result, r.Ref)
	}
}

// sameUndeclared compares the states of one object with and without its declaration.
func (w *walk) sameUndeclared(with, without resource.State) {
	w.t.Helper()
	w.s.fitsSchema(w.t, without.Ref, without.Outputs)
	if with.IncusName != without.IncusName || with.Status != without.Status || with.Persistent != without.Persistent || without.External {
		w.t.Errorf("%s is another one without its declaration:\n with %+v\n without %+v", with.Ref, with, without)
	}
}

// deleteFromState deletes objects with nothing but what Plan says of them.
func (w *walk) deleteFromState(kind resource.Kind, declared []resource.Resolved, seen *sdk.PlanResult) {
	w.t.Helper()
	for _, level := range slices.Backward(w.levels(declared)) {
		for _, r := range level {
			state := stateOf(w.t, seen, r.Ref)
			options := w.s.Options
			options.Force = true
			req := sdk.RunRequest{Resource: fromState(state), Action: resource.ActionDelete, State: state, Options: options}
			if result := w.must(req); !result.Changed {
				w.t.Errorf("delete of the undeclared %s says that nothing changed", r.Ref)
			}
			w.missing("delete without a declaration", r)
		}
	}
	for _, state := range w.plan(kind).States {
		w.t.Errorf("everything is deleted and Plan shows %s", state.Ref)
	}
}
