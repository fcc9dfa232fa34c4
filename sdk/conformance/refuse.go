package conformance

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/sdk/schema/validate"
)

// nonsense is a field, an action and a kind that no plugin has.
const nonsense = "conformance-nonsense"

func refuseUnknownField(t testing.TB, s *subject) {
	p := s.with(t, s.Settings)
	for _, kind := range s.kinds() {
		i := slices.IndexFunc(s.Declarations, func(d resource.Declaration) bool { return d.Kind == kind })
		d := s.Declarations[i]
		var fields map[string]any
		if err := json.Unmarshal(d.Config, &fields); err != nil {
			continue // a configuration that is no object has no fields
		}
		fields[nonsense] = true
		d.Config, _ = json.Marshal(fields)
		answer, err := p.Resolve(t.Context(), []resource.Declaration{d})
		said := refusal(t, answer, err, d.Ref)
		open := s.openConfig(t, kind, d.Config)
		switch {
		case open && said != "":
			t.Errorf("the schema of %s allows any field, Resolve does not: %s", kind, said)
		case !open && said == "":
			t.Errorf("Resolve takes a field of %s that the kind does not have", d.Ref)
		case !open && !strings.Contains(said, nonsense):
			t.Errorf("Resolve does not name the unknown field of %s: %s", d.Ref, said)
		}
	}
}

// openConfig says whether the kind's schema allows fields that it does not describe.
func (s *subject) openConfig(t testing.TB, kind resource.Kind, config json.RawMessage) bool {
	schema, err := validate.Compile(s.kind(t, kind).ConfigSchema)
	return err == nil && len(schema.Check(config)) == 0
}

// refusal returns what Resolve says against a declaration, in an error or a diagnostic; "" when it takes it.
func refusal(t testing.TB, answer *sdk.Resolution, err error, ref resource.Ref) string {
	t.Helper()
	if err != nil {
		failsWith(t, "Resolve with an unknown field", err, ref, resource.ErrUnknownConfig, resource.ErrConfig)
		return err.Error()
	}
	for _, d := range answer.Diagnostics {
		if d.Severity == resource.SeverityError && d.Ref == ref {
			return d.Text
		}
	}
	return ""
}

func refuseUnknownAction(t testing.TB, s *subject) {
	w := s.begin(t)
	for _, kind := range s.kinds() {
		req := w.request(resource.ByKind(w.resolved, kind)[0], nonsense)
		_, err := w.p.Run(t.Context(), req, resource.Discard{})
		failsWith(t, "an unknown action of "+string(kind), err, req.Resource.Ref, resource.ErrUnsupportedAction)
	}
}

func refuseUnknownKind(t testing.TB, s *subject) {
	w := s.begin(t)
	if _, err := w.p.Plan(t.Context(), sdk.PlanRequest{Kind: nonsense}); !errors.Is(err, resource.ErrUnknownResource) {
		t.Errorf("Plan of an unknown kind: %v, want %v", err, resource.ErrUnknownResource)
	}
	r := w.resolved[0]
	r.Kind = nonsense
	_, err := w.p.Run(t.Context(), sdk.RunRequest{Resource: r, Action: resource.ActionEnsure}, resource.Discard{})
	failsWith(t, "ensure of an unknown kind", err, r.Ref, resource.ErrUnknownResource)
}

func ensureNotAllowed(t testing.TB, s *subject) {
	w := s.begin(t)
	for _, kind := range s.kinds() {
		r := resource.ByKind(w.resolved, kind)[0]
		if len(w.needed(r)) > 0 {
			continue // that it cannot be made has another reason
		}
		req := w.request(r, resource.ActionEnsure)
		req.Options.Create = false
		quiet := s.watch(t)
		_, err := w.run(t.Context(), req)
		quiet()
		failsWith(t, "ensure without Options.Create", err, r.Ref)
		if state, _ := w.look(r); state.Exists {
			t.Errorf("ensure without Options.Create makes %s", r.Ref)
		}
	}
}
