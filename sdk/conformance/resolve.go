package conformance

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

func resolveComplete(t testing.TB, s *subject) {
	p := s.with(t, s.Settings)
	answer, err := p.Resolve(t.Context(), s.Declarations)
	if err != nil {
		t.Fatalf("Resolve: %v", err)
	}
	count := map[resource.Ref]int{}
	for _, r := range answer.Resolved {
		count[r.Ref]++
		i := slices.IndexFunc(s.Declarations, func(d resource.Declaration) bool { return d.Ref == r.Ref })
		if i < 0 {
			t.Errorf("Resolve invents %s", r.Ref)
			continue
		}
		resolvedWell(t, s.kind(t, r.Kind), s.Declarations[i], r)
	}
	for _, d := range s.Declarations {
		if count[d.Ref] != 1 {
			t.Errorf("Resolve answers %s %d times", d.Ref, count[d.Ref])
		}
	}
	if empty, err := p.Resolve(t.Context(), nil); err != nil || len(empty.Resolved) > 0 {
		t.Errorf("Resolve of no declarations: %+v, %v", empty, err)
	}
}

// resolvedWell holds one answer against its question.
func resolvedWell(t testing.TB, k sdk.Kind, d resource.Declaration, r resource.Resolved) {
	t.Helper()
	if !validName(r.IncusName) {
		t.Errorf("%s has the name %q on the server", r.Ref, r.IncusName)
	}
	if r.Priority != k.Priority {
		t.Errorf("%s has the priority %d, its kind %d", r.Ref, r.Priority, k.Priority)
	}
	if len(r.Actions) == 0 {
		t.Errorf("%s has no actions", r.Ref)
	}
	for _, a := range r.Actions {
		if !slices.Contains(k.Actions, a) {
			t.Errorf("%s has the action %q, which its kind does not describe", r.Ref, a)
		}
	}
	if len(r.Config) == 0 {
		t.Errorf("%s comes back without a configuration", r.Ref)
	}
	if r.Position != d.Position {
		t.Errorf("%s was declared at %s and comes back from %s", r.Ref, d.Position, r.Position)
	}
	for _, e := range d.DependsOn {
		if !slices.ContainsFunc(r.DependsOn, func(kept resource.Edge) bool { return kept.To == e.To && kept.Condition == e.Condition }) {
			t.Errorf("%s has lost its edge to %s", r.Ref, e.To)
		}
	}
}

// validName says whether a name can be shown and sent: there is one, in printable characters without spaces.
func validName(name string) bool {
	return name != "" && utf8.ValidString(name) && !strings.ContainsFunc(name, func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r)
	})
}

func resolveOffline(t testing.TB, s *subject) {
	online := byRef(s.resolution(t, s.Settings, s.Declarations))
	alone := s.Settings
	alone.IncusSocket = ""
	if diff := cmp.Diff(online, byRef(s.resolution(t, alone, s.Declarations))); diff != "" {
		t.Errorf("Resolve answers otherwise without a socket (-with +without):\n%s", diff)
	}
	if diff := cmp.Diff(online, byRef(s.resolution(t, s.Settings, s.Declarations))); diff != "" {
		t.Errorf("Resolve answers otherwise the second time (-first +second):\n%s", diff)
	}
}

func resolveOrder(t testing.TB, s *subject) {
	given := byRef(s.resolution(t, s.Settings, s.Declarations))
	backwards := slices.Clone(s.Declarations)
	slices.Reverse(backwards)
	if diff := cmp.Diff(given, byRef(s.resolution(t, s.Settings, backwards))); diff != "" {
		t.Errorf("Resolve depends on the order of the declarations (-given +reversed):\n%s", diff)
	}
	byKind := map[resource.Ref]resource.Resolved{}
	for _, kind := range s.kinds() {
		of := slices.DeleteFunc(slices.Clone(s.Declarations), func(d resource.Declaration) bool { return d.Kind != kind })
		for ref, r := range byRef(s.resolution(t, s.Settings, of)) {
			byKind[ref] = r
		}
	}
	if diff := cmp.Diff(given, byKind); diff != "" {
		t.Errorf("Resolve of one kind depends on the others (-together +alone):\n%s", diff)
	}
}

func (s *subject) resolution(t testing.TB, settings sdk.Settings, decls []resource.Declaration) *sdk.Resolution {
	t.Helper()
	answer, err := s.with(t, settings).Resolve(t.Context(), decls)
	if err != nil {
		t.Fatalf("Resolve: %v", err)
	}
	return answer
}

func byRef(r *sdk.Resolution) map[resource.Ref]resource.Resolved {
	out := map[resource.Ref]resource.Resolved{}
	for _, one := range r.Resolved {
		out[one.Ref] = one
	}
	return out
}
