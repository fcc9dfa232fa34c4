package conformance

import (
	"encoding/json"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// word is what names of plugins, kinds, actions and verbs look like.
var word = regexp.MustCompile(`^[a-z][a-z0-9]*([-_.][a-z0-9]+)*$`)

func describePure(t testing.TB, s *subject) {
	p := s.open(t, s)
	describe := func() *sdk.Description {
		t.Helper()
		d, err := p.Describe(t.Context())
		if err != nil {
			t.Fatalf("Describe: %v", err)
		}
		return d
	}
	first := describe()
	if diff := cmp.Diff(first, describe()); diff != "" {
		t.Errorf("Describe says something else the second time (-first +second):\n%s", diff)
	}
	if err := p.Configure(t.Context(), s.Settings); err != nil {
		t.Fatalf("Configure: %v", err)
	}
	if diff := cmp.Diff(first, describe()); diff != "" {
		t.Errorf("Describe depends on the settings (-before +after Configure):\n%s", diff)
	}
}

func describeSane(t testing.TB, s *subject) {
	d := s.description(t)
	describeNames(t, d)
	if len(d.Kinds) == 0 {
		t.Error("the provider describes no kind")
	}
	seen := map[resource.Kind]bool{}
	for _, k := range d.Kinds {
		if !word.MatchString(string(k.Kind)) || seen[k.Kind] {
			t.Errorf("kind %q is no word of small letters, or described twice", k.Kind)
		}
		seen[k.Kind] = true
		if k.Priority <= 0 {
			t.Errorf("kind %s has the priority %d; those of the built-in kinds are in package resource", k.Kind, k.Priority)
		}
		describeActions(t, k)
		describeVerbs(t, s, k)
		if s.kindDeclared(k.Kind) && s.Settings.IncusSocket == "" && k.NeedsIncus {
			t.Errorf("kind %s needs Incus, and the case has no socket of it", k.Kind)
		}
	}
	for _, kind := range s.kinds() {
		if !seen[kind] {
			t.Errorf("the case declares the kind %q, which the provider does not describe", kind)
		}
	}
}

func (c *Case) kindDeclared(kind resource.Kind) bool { return slices.Contains(c.kinds(), kind) }

func describeNames(t testing.TB, d *sdk.Description) {
	t.Helper()
	if !word.MatchString(d.Name) {
		t.Errorf("the plugin's name %q is no word of small letters", d.Name)
	}
	if d.Version == "" || d.Summary == "" {
		t.Errorf("version %q or summary %q is missing", d.Version, d.Summary)
	}
}

func describeActions(t testing.TB, k sdk.Kind) {
	t.Helper()
	wellFormed(t, k.Kind, "action", k.Actions)
	for _, must := range []resource.Action{resource.ActionEnsure, resource.ActionDelete} {
		if !slices.Contains(k.Actions, must) {
			t.Errorf("kind %s has no action %q", k.Kind, must)
		}
	}
	if slices.Contains(k.Actions, resource.ActionStart) != slices.Contains(k.Actions, resource.ActionStop) {
		t.Errorf("kind %s has only one of the actions start and stop", k.Kind)
	}
}

// describeVerbs looks whether the provider has the abilities that it describes. Over the wire, that cannot be seen.
func describeVerbs(t testing.TB, s *subject, k sdk.Kind) {
	t.Helper()
	wellFormed(t, k.Kind, "session", k.Sessions)
	wellFormed(t, k.Kind, "call", k.Calls)
	if _, able := s.provider.(sdk.Sessions); !able && len(k.Sessions) > 0 {
		t.Errorf("kind %s describes sessions, which the provider does not implement", k.Kind)
	}
	if _, able := s.provider.(sdk.Caller); !able && len(k.Calls) > 0 {
		t.Errorf("kind %s describes calls, which the provider does not implement", k.Kind)
	}
}

func wellFormed[T ~string](t testing.TB, kind resource.Kind, what string, names []T) {
	t.Helper()
	seen := map[T]bool{}
	for _, n := range names {
		if !word.MatchString(string(n)) || seen[n] {
			t.Errorf("kind %s: %s %q is no word of small letters, or there twice", kind, what, n)
		}
		seen[n] = true
	}
}

func schemasAccept(t testing.TB, s *subject) {
	for _, kind := range s.kinds() {
		k := s.kind(t, kind)
		compiled(t, kind, "outputs", k.OutputsSchema)
		config := compiled(t, kind, "configuration", k.ConfigSchema)
		if config == nil {
			continue
		}
		for _, d := range s.Declarations {
			if d.Kind == kind {
				for _, m := range config.Check(d.Config) {
					t.Errorf("the configuration's schema refuses %s: %s", d.Ref, m)
				}
			}
		}
	}
}

// fitsSchema holds outputs against the kind's schema.
func (s *subject) fitsSchema(t testing.TB, ref resource.Ref, outputs json.RawMessage) {
	t.Helper()
	schema := compiled(t, ref.Kind, "outputs", s.kind(t, ref.Kind).OutputsSchema)
	if schema == nil || len(outputs) == 0 {
		return
	}
	for _, m := range schema.Check(outputs) {
		t.Errorf("the outputs' schema refuses those of %s: %s\n%s", ref, m, outputs)
	}
}
