package conformance

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// classes are what a change may be.
func classes() []resource.Class {
	return []resource.Class{
		resource.ClassNone, resource.ClassCreate, resource.ClassLive, resource.ClassRestart,
		resource.ClassRebuild, resource.ClassRecreate, resource.ClassDelete,
	}
}

// watch begins to watch the server, if the case can.
func (s *subject) watch(t testing.TB) (quiet func()) {
	t.Helper()
	if s.Watch == nil {
		return func() {}
	}
	return s.Watch(t)
}

func planMissing(t testing.TB, s *subject) {
	w := s.begin(t)
	quiet := s.watch(t)
	for _, kind := range s.kinds() {
		declared := resource.ByKind(w.resolved, kind)
		result := w.plan(kind, declared...)
		planComplete(t, result, kind, declared)
		for _, r := range declared {
			state := stateOf(t, result, r.Ref)
			if state.Exists || state.Status != resource.StatusMissing {
				t.Errorf("%s does not exist and is %q (exists: %v), want %q", r.Ref, state.Status, state.Exists, resource.StatusMissing)
			}
			if c := changeOf(result, r.Ref); c.Class != resource.ClassCreate || c.Reason == "" {
				t.Errorf("%s does not exist and the change is %q because %q, want %q and a reason", r.Ref, c.Class, c.Reason, resource.ClassCreate)
			}
		}
		if diff := cmp.Diff(result, w.plan(kind, declared...)); diff != "" {
			t.Errorf("Plan of %s says something else the second time (-first +second):\n%s", kind, diff)
		}
		for _, state := range w.plan(kind).States {
			if slices.ContainsFunc(declared, func(r resource.Resolved) bool { return r.Ref == state.Ref }) {
				t.Errorf("Plan without declarations shows %s, which does not exist", state.Ref)
			}
		}
	}
	quiet()
}

// planComplete checks the form of an answer: one state for each declared resource, well-formed changes.
func planComplete(t testing.TB, result *sdk.PlanResult, kind resource.Kind, declared []resource.Resolved) {
	t.Helper()
	count := map[resource.Ref]int{}
	for _, state := range result.States {
		count[state.Ref]++
		i := slices.IndexFunc(declared, func(r resource.Resolved) bool { return r.Ref == state.Ref })
		switch {
		case state.Kind != kind:
			t.Errorf("Plan of %s returns a state of %s", kind, state.Ref)
		case i < 0 && (state.Declared || !state.Exists):
			t.Errorf("%s was not asked for and has declared: %v, exists: %v", state.Ref, state.Declared, state.Exists)
		case i >= 0 && !state.Declared:
			t.Errorf("%s was asked for and has declared: false", state.Ref)
		case i >= 0 && state.IncusName != declared[i].IncusName:
			t.Errorf("%s is called %q by Resolve and %q by Plan", state.Ref, declared[i].IncusName, state.IncusName)
		}
	}
	for _, r := range declared {
		count[r.Ref] += 0 // at least none
	}
	for ref, n := range count {
		if n != 1 {
			t.Errorf("Plan returns %d states of %s", n, ref)
		}
	}
	changed := map[resource.Ref]int{}
	for _, c := range result.Changes {
		changed[c.Ref]++
		if !slices.Contains(classes(), c.Class) {
			t.Errorf("the change of %s has the class %q", c.Ref, c.Class)
		}
		if changed[c.Ref] > 1 || count[c.Ref] == 0 {
			t.Errorf("Plan returns %d changes and %d states of %s", changed[c.Ref], count[c.Ref], c.Ref)
		}
	}
}

func lookIsPlan(t testing.TB, s *subject) {
	w := s.begin(t)
	looker, able := w.p.(sdk.Looker)
	if !able {
		return
	}
	compare := func(when string) {
		t.Helper()
		for _, kind := range s.kinds() {
			snapshot, err := looker.Look(t.Context(), kind)
			if err != nil {
				t.Fatalf("Look at %s: %v", kind, err)
			}
			req := w.planRequest(kind, resource.ByKind(w.resolved, kind)...)
			want := w.answer(req)
			req.Snapshot = json.RawMessage(snapshot)
			if diff := cmp.Diff(s.stable(want), s.stable(w.answer(req))); diff != "" {
				t.Errorf("%s, Plan of %s says something else with a snapshot of Look (-without +with):\n%s", when, kind, diff)
			}
		}
	}
	quiet := s.watch(t)
	compare("before anything exists")
	quiet()
	w.ensureAll()
	compare("when all exists")
}

// stable returns an answer without the outputs that differ from one look to the next.
func (s *subject) stable(result *sdk.PlanResult) map[string]any {
	outputs := map[resource.Ref]any{}
	states := slices.Clone(result.States)
	for i := range states {
		outputs[states[i].Ref] = s.meaning(states[i].Outputs)
		states[i].Outputs = nil
	}
	return map[string]any{"states": states, "outputs": outputs, "changes": result.Changes, "diagnostics": result.Diagnostics}
}

// planQuestions counts what Plan asks the server, while nothing exists and when everything does.
func planQuestions(t testing.TB, s *subject) {
	if s.Settings.IncusSocket == "" {
		return
	}
	settings := s.Settings
	desk := newDesk(t, settings.IncusSocket)
	settings.IncusSocket = desk.socket
	w := s.begin(t, settings)
	count := func(when string) {
		t.Helper()
		for _, kind := range s.kinds() {
			declared := resource.ByKind(w.resolved, kind)
			desk.since()
			w.plan(kind, declared...)
			all := desk.since()
			s.fewQuestions(t, kind, when, all)
			var most []string
			for _, r := range declared {
				w.plan(kind, r)
				if one := desk.since(); len(one) > len(most) {
					most = one
				}
			}
			if len(all) > len(most) {
				t.Errorf("%s, Plan of %d resources of kind %s asks\n%s\nand Plan of one at most\n%s", when, len(declared), kind, lines(all), lines(most))
			}
		}
	}
	count("before anything exists")
	w.ensureAll()
	count("when all exists")
}

func (s *subject) fewQuestions(t testing.TB, kind resource.Kind, when string, asked []string) {
	t.Helper()
	most := s.MaxPlanRequests
	if most == 0 {
		most = 3
	}
	if len(asked) > most {
		t.Errorf("%s, Plan of %s asks more than %d times:\n%s", when, kind, most, lines(asked))
	}
	seen := map[string]bool{}
	for _, request := range asked {
		if !reads(request) {
			t.Errorf("%s, Plan of %s changes the server: %s", when, kind, request)
		}
		if seen[request] {
			t.Errorf("%s, Plan of %s asks twice: %s", when, kind, request)
		}
		seen[request] = true
	}
}
