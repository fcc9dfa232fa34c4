package conformance

import (
	"slices"
	"sync"
	"testing"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// ensureAll makes all declared resources, those at once that do not need each other, as the core does.
func (w *walk) ensureAll() {
	w.t.Helper()
	for _, level := range w.levels(w.resolved) {
		w.ensureTogether(level)
	}
}

// ensureTogether makes resources at the same time.
func (w *walk) ensureTogether(level []resource.Resolved) {
	w.t.Helper()
	results := make([]*sdk.RunResult, len(level))
	errs := make([]error, len(level))
	var requests []sdk.RunRequest
	for _, r := range level {
		requests = append(requests, w.request(r, resource.ActionEnsure))
	}
	var group sync.WaitGroup
	for i, req := range requests {
		group.Go(func() { results[i], errs[i] = w.run(w.t.Context(), req) })
	}
	group.Wait()
	for i, r := range level {
		if errs[i] != nil {
			w.t.Fatalf("ensure of %s beside others: %v (hint: %s)", r.Ref, errs[i], resource.Hint(errs[i]))
		}
		w.outputs[r.Ref] = results[i].Outputs
	}
}

// levels orders resources so that each comes after those it needs; what is in one level does not need each other.
func (w *walk) levels(rs []resource.Resolved) [][]resource.Resolved {
	w.t.Helper()
	done := map[resource.Ref]bool{}
	var levels [][]resource.Resolved
	for len(rs) > 0 {
		var level, rest []resource.Resolved
		for _, r := range rs {
			waits := slices.ContainsFunc(r.DependsOn, func(e resource.Edge) bool {
				return !done[e.To] && slices.ContainsFunc(rs, func(o resource.Resolved) bool { return o.Ref == e.To })
			})
			if waits {
				rest = append(rest, r)
			} else {
				level = append(level, r)
			}
		}
		if len(level) == 0 {
			w.t.Fatal("the declarations of the case depend on each other in a circle")
		}
		for _, r := range level {
			done[r.Ref] = true
		}
		levels, rs = append(levels, level), rest
	}
	return levels
}

// needed returns the declared resources that r cannot do without, the first ones first.
func (w *walk) needed(r resource.Resolved) []resource.Resolved {
	var out []resource.Resolved
	for _, other := range w.resolved {
		if slices.ContainsFunc(r.DependsOn, func(e resource.Edge) bool { return e.To == other.Ref }) {
			out = append(append(out, w.needed(other)...), other)
		}
	}
	return out
}

// fromState returns an undeclared resource as the core hands it to a plugin.
func fromState(s resource.State) resource.Resolved {
	return resource.Resolved{Ref: s.Ref, IncusName: s.IncusName, DependsOn: s.DependsOn}
}

// clear deletes whatever the checks have left.
func (s *subject) clear(t testing.TB) {
	t.Helper()
	p := s.with(t, s.Settings)
	resolution, err := p.Resolve(t.Context(), s.Declarations)
	if err != nil {
		return // no check has come so far as to make anything
	}
	for _, kind := range slices.Backward(s.kinds()) {
		declared := resource.ByKind(resolution.Resolved, kind)
		found, err := p.Plan(t.Context(), sdk.PlanRequest{Kind: kind, Resolved: declared, Inputs: s.Inputs, Options: s.Options})
		if err != nil {
			t.Errorf("cleaning up: planning %s: %v", kind, err)
			continue
		}
		for _, state := range slices.Backward(found.States) {
			if state.Exists && !state.External {
				s.clearOne(t, p, state)
			}
		}
	}
}

func (s *subject) clearOne(t testing.TB, p sdk.Provider, state resource.State) {
	t.Helper()
	options := s.Options
	options.Force = true
	req := sdk.RunRequest{Resource: fromState(state), Action: resource.ActionDelete, State: state, Options: options}
	if _, err := p.Run(t.Context(), req, resource.Discard{}); err != nil {
		t.Errorf("cleaning up: deleting %s: %v", state.Ref, err)
	}
}
