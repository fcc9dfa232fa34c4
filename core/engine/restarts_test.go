package engine

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/resource"
)

// chain is three services of which each is restarted with the one before it.
func chain() []resource.Declaration {
	a, b, c := ref(resource.KindInstance, "a-1"), ref(resource.KindInstance, "b-1"), ref(resource.KindInstance, "c-1")
	follows := func(r resource.Ref) []resource.Edge {
		return []resource.Edge{{To: r, Condition: resource.ConditionHealthy, Restart: true}}
	}
	return []resource.Declaration{{Ref: c, DependsOn: follows(b)}, {Ref: b, DependsOn: follows(a)}, {Ref: a}}
}

func TestRestartReachesDependentsThatAskForIt(t *testing.T) {
	t.Parallel()
	a, b, c := ref(resource.KindInstance, "a-1"), ref(resource.KindInstance, "b-1"), ref(resource.KindInstance, "c-1")
	for _, tt := range []struct {
		name   string
		states []resource.State
		opts   PowerOptions
		want   []string
	}{
		{"over others", withStatus(chain(), ""), PowerOptions{Select: Selection{a: true}}, []string{
			"stop instance/c-1", "stop instance/b-1", "stop instance/a-1", "start instance/a-1", "wait instance/a-1",
			"start instance/b-1", "wait instance/b-1", "start instance/c-1"}},
		{"only upwards", withStatus(chain(), ""), PowerOptions{Select: Selection{c: true}}, []string{"stop instance/c-1", "start instance/c-1"}},
		{"not what is stopped, nor what is behind it", withStatus(chain(), resource.StatusStopped, b), PowerOptions{Select: Selection{a: true}},
			[]string{"stop instance/a-1", "start instance/a-1"}},
		{"not when told so", withStatus(chain(), ""), PowerOptions{Select: Selection{a: true}, NoDependents: true},
			[]string{"stop instance/a-1", "start instance/a-1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(tt.states...)
			e := New(Config{Plugins: w})
			o, err := e.Observe(t.Context(), NewModel(nil), []resource.Kind{resource.KindInstance}, resource.NewOptions())
			if err != nil {
				t.Fatal(err)
			}
			w.calls = nil
			if _, err := e.Apply(t.Context(), Restart(NewModel(nil), o, tt.opts)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, w.calls); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUpRestartsDependentsOfWhatIsMadeAnew(t *testing.T) {
	t.Parallel()
	a := ref(resource.KindInstance, "a-1")
	var none resource.Ref
	for _, tt := range []struct {
		name    string
		class   resource.Class
		stopped resource.Ref
		opts    UpOptions
		want    []string
	}{
		{"made anew", resource.ClassRecreate, none, UpOptions{}, []string{
			"stop instance/c-1", "stop instance/b-1", "ensure instance/a-1", "start instance/a-1", "wait instance/a-1",
			"start instance/b-1", "wait instance/b-1", "start instance/c-1"}},
		{"made anew, alone selected", resource.ClassRestart, none, UpOptions{Select: Selection{a: true}}, []string{
			"stop instance/c-1", "stop instance/b-1", "ensure instance/a-1", "start instance/a-1", "wait instance/a-1",
			"start instance/b-1", "wait instance/b-1", "start instance/c-1"}},
		{"changed while it runs", resource.ClassLive, none, UpOptions{}, []string{"ensure instance/a-1"}},
		{"a stopped one is started only", resource.ClassRecreate, ref(resource.KindInstance, "c-1"), UpOptions{}, []string{
			"stop instance/b-1", "ensure instance/a-1", "start instance/a-1", "wait instance/a-1",
			"start instance/b-1", "wait instance/b-1", "start instance/c-1"}},
		{"not started", resource.ClassRecreate, none, UpOptions{NoStart: true}, []string{"ensure instance/a-1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(withStatus(chain(), resource.StatusStopped, tt.stopped)...)
			e, m, o := look(t, w, chain())
			e.workers = 1 // so that what is not ordered by needs runs in the order of the plan
			o.Changes[a] = resource.Change{Ref: a, Class: tt.class}
			w.calls = nil
			p := Up(m, o, tt.opts)
			if _, err := e.Apply(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, w.calls); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			if i, ok := p.index["stop instance/b-1"]; ok && p.Steps[i].Reason() != "restarted with a-1" {
				t.Errorf("the reason is %q", p.Steps[i].Reason())
			}
		})
	}
}

func TestUpDoesNotRestartWhatDidNotAskForIt(t *testing.T) {
	t.Parallel()
	w := newWorld(running(shop())...)
	_, m, o := look(t, w, shop())
	db := ref(resource.KindInstance, "db-1")
	o.Changes[db] = resource.Change{Ref: db, Class: resource.ClassRecreate}
	if ids := stepIDs(Up(m, o, UpOptions{})); slices.Contains(ids, "stop instance/web-1") {
		t.Errorf("web is restarted: %q", ids)
	}
}
