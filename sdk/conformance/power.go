package conformance

import (
	"slices"
	"testing"

	"github.com/icc-project/icc/sdk/resource"
)

func startAndStop(t testing.TB, s *subject) {
	w := s.begin(t)
	startable := slices.DeleteFunc(slices.Clone(w.resolved), func(r resource.Resolved) bool {
		return !resource.SupportsAction(r, resource.ActionStart)
	})
	if len(startable) == 0 {
		return
	}
	w.ensureAll()
	for _, r := range startable {
		w.turn(r, resource.ActionStart, resource.StatusRunning)
	}
	for _, r := range slices.Backward(startable) {
		w.turn(r, resource.ActionStop, resource.StatusStopped)
	}
}

// turn starts or stops a resource twice.
func (w *walk) turn(r resource.Resolved, a resource.Action, status string) {
	w.t.Helper()
	if result := w.must(w.request(r, a)); !result.Changed {
		w.t.Errorf("%s of %s says that nothing changed", a, r.Ref)
	}
	state, change := w.look(r)
	if state.Status != status {
		w.t.Errorf("after %s, %s is %q, want %q", a, r.Ref, state.Status, status)
	}
	if change.Class != resource.ClassNone {
		w.t.Errorf("after %s, Plan wants to change %s: %s %s %+v", a, r.Ref, change.Class, change.Reason, change.Fields)
	}
	w.s.fitsSchema(w.t, r.Ref, state.Outputs)
	quiet := w.s.watch(w.t)
	if result := w.must(w.request(r, a)); result.Changed {
		w.t.Errorf("the second %s of %s says that something changed", a, r.Ref)
	}
	quiet()
}
