package engine

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/sdk/resource"
)

// prepared is a service of two replicas that two steps prepare, one after the other.
func prepared() []resource.Declaration {
	one, two := ref(resource.KindInstance, "step-1"), ref(resource.KindInstance, "step-2")
	want := func(r resource.Ref) []resource.Edge { return []resource.Edge{edge(r, resource.ConditionPrepared)} }
	return []resource.Declaration{
		{Ref: one}, {Ref: two, DependsOn: want(one)},
		{Ref: refWeb, DependsOn: want(two)}, {Ref: ref(resource.KindInstance, "web-2"), DependsOn: want(two)},
	}
}

// afterwards returns the states after a run that prepared, of which only the replicas are left.
func afterwards(refs ...resource.Ref) []resource.State {
	return slices.DeleteFunc(running(prepared()), func(s resource.State) bool { return !slices.Contains(refs, s.Ref) })
}

func TestWhatIsToBePreparedRunsOnceBeforeTheFirstAndGoes(t *testing.T) {
	t.Parallel()
	w := newWorld()
	e, m, o := look(t, w, prepared())
	if _, err := e.Apply(t.Context(), Up(m, o, UpOptions{Wait: true})); err != nil {
		t.Fatal(err)
	}
	order := []string{"ensure instance/step-1", "start instance/step-1", "complete instance/step-1", "start instance/step-2",
		"complete instance/step-2", "start instance/web-1", "delete instance/step-2"}
	for i := range order[1:] {
		before(t, w.calls, order[i], order[i+1])
	}
	before(t, w.calls, "complete instance/step-2", "start instance/web-2")
	before(t, w.calls, "complete instance/step-1", "delete instance/step-1")
	for _, call := range w.calls {
		if call == "wait instance/step-1" || call == "wait instance/step-2" {
			t.Errorf("a step is expected to go on running: %s", call)
		}
	}
}

func TestWhatIsToBePreparedDoesNotRunAgainWithoutNeed(t *testing.T) {
	t.Parallel()
	web2 := ref(resource.KindInstance, "web-2")
	for _, tt := range []struct {
		name   string
		states []resource.State
		opts   UpOptions
		want   []string
	}{
		{"when nothing starts", afterwards(refWeb, web2), UpOptions{}, []string{}},
		{"when only a further replica starts", afterwards(refWeb), UpOptions{}, []string{"ensure instance/web-2", "start instance/web-2"}},
		{"when nothing is to be started", nil, UpOptions{NoStart: true}, []string{"ensure instance/web-1", "ensure instance/web-2"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, m, o := look(t, newWorld(tt.states...), prepared())
			if diff := cmp.Diff(tt.want, stepIDs(Up(m, o, tt.opts))); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAFailedPreparationStaysAndIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.fail["complete instance/step-1"] = resource.ErrExited
	e, m, o := look(t, w, prepared())
	e.emit = event.Discard
	if _, err := e.Apply(t.Context(), Up(m, o, UpOptions{})); err == nil {
		t.Fatal("want an error")
	}
	for _, id := range []string{"start instance/step-2", "start instance/web-1", "delete instance/step-1"} {
		if slices.Contains(w.calls, id) {
			t.Errorf("%s in spite of the failure", id)
		}
	}
	states := afterwards(ref(resource.KindInstance, "step-1"))
	states[0].Status = resource.StatusStopped
	_, m, o = look(t, newWorld(states...), prepared())
	if ids := stepIDs(Up(m, o, UpOptions{})); !slices.Contains(ids, "start instance/step-1") || slices.Contains(ids, "ensure instance/step-1") {
		t.Errorf("want it started again as it is, got %q", ids)
	}
}

func TestAServicesOwnPreparationComesAlongWithoutDependencies(t *testing.T) {
	t.Parallel()
	_, m, _ := look(t, newWorld(), append(prepared(), resource.Declaration{Ref: refDB}))
	if s := m.Select([]resource.Ref{refWeb}, true); !s.Has(ref(resource.KindInstance, "step-1")) || s.Has(refDB) {
		t.Errorf("selected %v", s)
	}
}
