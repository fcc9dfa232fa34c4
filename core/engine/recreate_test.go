package engine

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/resource"
)

func TestUpRecreates(t *testing.T) {
	t.Parallel()
	web, db := ref(resource.KindInstance, "web-1"), ref(resource.KindInstance, "db-1")
	both := []string{"ensure instance/db-1", "ensure instance/web-1", "start instance/db-1", "start instance/web-1", "wait instance/db-1"}
	onlyWeb := []string{"ensure instance/web-1", "start instance/web-1", "wait instance/db-1"}
	for name, tt := range map[string]struct {
		opts     UpOptions
		class    resource.Class // of the database
		want     []string
		outdated []resource.Ref
	}{
		"everything that was asked for": {UpOptions{Recreate: RecreateAlways}, "", both, nil},
		"but not what comes along":      {UpOptions{Recreate: RecreateAlways, Asked: Selection{web: true}}, "", onlyWeb, nil},
		"unless that is asked for, too": {UpOptions{Recreate: RecreateAlways, RecreateDependencies: RecreateAlways, Asked: Selection{web: true}}, "", both, nil},
		"dependencies alone": {UpOptions{RecreateDependencies: RecreateAlways, Asked: Selection{web: true}}, "",
			[]string{"ensure instance/db-1", "start instance/db-1"}, nil},
		"what comes along and has changed":        {UpOptions{Recreate: RecreateAlways, Asked: Selection{web: true}}, resource.ClassRestart, both, nil},
		"nothing that is not selected":            {UpOptions{Recreate: RecreateAlways, Select: Selection{db: true}}, "", []string{"ensure instance/db-1", "start instance/db-1"}, nil},
		"nothing that has been made anew already": {UpOptions{Recreate: RecreateAlways, Fresh: Set{db: true}}, "", onlyWeb, nil},
		"nothing at all": {UpOptions{Recreate: RecreateNever, RecreateDependencies: RecreateNever}, resource.ClassRecreate,
			[]string{}, []resource.Ref{db}},
		"nothing, but a live change interrupts nobody": {UpOptions{Recreate: RecreateNever}, resource.ClassLive, []string{"ensure instance/db-1"}, nil},
		"nothing, and what takes effect with the next start waits for it": {UpOptions{Recreate: RecreateNever}, resource.ClassRestart,
			[]string{"ensure instance/db-1"}, nil},
		"without starting": {UpOptions{Recreate: RecreateAlways, NoStart: true}, "", []string{"ensure instance/db-1", "ensure instance/web-1"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, m, o := look(t, newWorld(running(shop())...), shop())
			o.Changes[db] = resource.Change{Ref: db, Class: tt.class, Reason: "something changed"}
			p := Up(m, o, tt.opts)
			if diff := cmp.Diff(tt.want, stepIDs(p)); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
			var outdated []resource.Ref
			for _, c := range p.Outdated {
				outdated = append(outdated, c.Ref)
			}
			if diff := cmp.Diff(tt.outdated, outdated); diff != "" {
				t.Errorf("outdated (-want +got):\n%s", diff)
			}
			if o.Changes[db].Class != tt.class {
				t.Errorf("the observation was changed: %v", o.Changes[db])
			}
		})
	}
}

func TestARecreationThatWasAskedForSaysSo(t *testing.T) {
	t.Parallel()
	web, db := ref(resource.KindInstance, "web-1"), ref(resource.KindInstance, "db-1")
	_, m, o := look(t, newWorld(running(shop())...), shop())
	o.Changes[db] = resource.Change{Ref: db, Class: resource.ClassLive, Reason: "limits.cpu changed"}
	p := Up(m, o, UpOptions{Recreate: RecreateAlways})
	for _, want := range []resource.Change{
		{Ref: web, Class: resource.ClassRecreate, Reason: "asked for"},
		{Ref: db, Class: resource.ClassRecreate, Reason: "asked for, and limits.cpu changed"},
	} {
		if diff := cmp.Diff(want, p.Steps[p.index[stepID(resource.ActionEnsure, want.Ref)]].Change); diff != "" {
			t.Errorf("the change (-want +got):\n%s", diff)
		}
	}
}

func TestWhatDoesNotExistIsCreatedWhateverIsAskedFor(t *testing.T) {
	t.Parallel()
	for _, r := range []Recreation{RecreateAlways, RecreateNever} {
		_, m, o := look(t, newWorld(), shop())
		p := Up(m, o, UpOptions{Recreate: r})
		step := p.Steps[p.index["ensure instance/db-1"]]
		if step.Change.Class != resource.ClassCreate || len(p.Outdated) > 0 {
			t.Errorf("recreation %q: %+v, outdated %v", r, step, p.Outdated)
		}
	}
}

func TestRecreationRestartsThoseWhoAskedForIt(t *testing.T) {
	t.Parallel()
	a := ref(resource.KindInstance, "a-1")
	w := newWorld(running(chain())...)
	e, m, o := look(t, w, chain())
	p := Up(m, o, UpOptions{Recreate: RecreateAlways, Asked: Selection{a: true}})
	if _, err := e.Apply(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	before(t, w.calls, "stop instance/b-1", "ensure instance/a-1")
	before(t, w.calls, "start instance/a-1", "start instance/b-1")
}

func TestWhatWaitsForAStartIsWrittenOnce(t *testing.T) {
	t.Parallel()
	db := ref(resource.KindInstance, "db-1")
	field := resource.FieldChange{Path: "environment.A", Class: resource.ClassRestart}
	for name, tt := range map[string]struct {
		pending []string
		status  string
		want    resource.Class // empty means that nothing is planned
	}{
		"what is new is written":                  {nil, resource.StatusRunning, resource.ClassLive},
		"what waits is not":                       {[]string{"environment.A"}, resource.StatusRunning, ""},
		"what does not run takes all of a change": {nil, resource.StatusStopped, resource.ClassRestart},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, m, o := look(t, newWorld(running(shop())...), shop())
			state := o.States[db]
			state.Pending, state.Status = tt.pending, tt.status
			o.States[db], o.Changes[db] = state, resource.Change{Ref: db, Class: resource.ClassRestart, Fields: []resource.FieldChange{field}}
			for _, opts := range []UpOptions{{Recreate: RecreateNever}, {NoStart: true}} {
				p := Up(m, o, opts)
				var step Step
				if i, ok := p.index["ensure instance/db-1"]; ok {
					step = p.Steps[i]
				}
				if step.Change.Class != tt.want || step.Options.KeepRunning != (tt.want != "") || len(p.Outdated) > 0 {
					t.Errorf("%+v: got %+v, outdated %v", opts, step, p.Outdated)
				}
			}
		})
	}
}

// What only an instance has goes between its old self and its new one.
func TestRenewalsGoWithTheirInstance(t *testing.T) {
	t.Parallel()
	db := ref(resource.KindInstance, "db-1")
	data, own := ref(resource.KindStorageVolume, "data"), ref(resource.KindStorageVolume, "db-1:/var")
	states := append(running(shop()), resource.State{Ref: own, IncusName: "p-own", Exists: true, Status: resource.StatusAvailable})
	renew := map[resource.Ref][]resource.Ref{db: {data, own, ref(resource.KindStorageVolume, "not there")}}
	w := newWorld(states...)
	e, m, o := look(t, w, shop())
	if p := Up(m, o, UpOptions{Renew: renew}); !p.Empty() {
		t.Errorf("nothing is interrupted, but %q is planned", stepIDs(p))
	}
	o.Changes[db] = resource.Change{Ref: db, Class: resource.ClassRestart, Reason: "environment changed"}
	w.calls = nil
	p := Up(m, o, UpOptions{Renew: renew})
	if _, err := e.Apply(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	order := []string{
		"stop instance/db-1", "delete instance/db-1", "delete storage-volume/data", "ensure storage-volume/data",
		"ensure instance/db-1", "start instance/db-1",
	}
	for i := range order[1:] {
		before(t, w.calls, order[i], order[i+1])
	}
	before(t, w.calls, "delete storage-volume/db-1:/var", "ensure instance/db-1")
	if len(w.calls) != len(order)+1 {
		t.Errorf("more was done: %q", w.calls)
	}
	if class := p.Steps[p.index["ensure instance/db-1"]].Change.Class; class != resource.ClassRecreate {
		t.Errorf("the instance is made anew as %q", class)
	}
	if !o.States[db].Exists {
		t.Error("the observation was changed")
	}
}

func TestOrphansGoInTheOrderOfTheirEdges(t *testing.T) {
	t.Parallel()
	a, b := ref(resource.KindInstance, "old-a"), ref(resource.KindInstance, "old-b")
	old := func(r resource.Ref, edges ...resource.Edge) resource.State {
		return resource.State{Ref: r, IncusName: "p-" + r.Name, Exists: true, Status: resource.StatusRunning, DependsOn: edges}
	}
	_, m, o := look(t, newWorld(append(running(shop()), old(a), old(b, edge(a, resource.ConditionStarted)))...), shop())
	net, db := ref(resource.KindNetwork, "default"), ref(resource.KindInstance, "db-1")
	o.Changes[net], o.Changes[db] = resource.Change{Ref: net, Class: resource.ClassLive}, resource.Change{Ref: db, Class: resource.ClassLive}
	p := Up(m, o, UpOptions{RemoveOrphans: true})
	if diff := cmp.Diff([]string{"ensure network/default"}, p.Steps[p.index["delete instance/old-b"]].Needs); diff != "" {
		t.Errorf("an orphan goes before it has lost its name, or waits for something else (-want +got):\n%s", diff)
	}
	if !slices.Contains(p.Steps[p.index["delete instance/old-a"]].Needs, "delete instance/old-b") {
		t.Errorf("what others depend on is removed with them: %+v", p.Steps)
	}
}

func TestStartWaitsWhenAskedTo(t *testing.T) {
	t.Parallel()
	job := ref(resource.KindInstance, "job-1")
	states := running(shop())
	for i := range states {
		if states[i].Kind == resource.KindInstance {
			states[i].Status = resource.StatusStopped
		}
		if states[i].Name == "db-1" {
			states[i].DependsOn = []resource.Edge{edge(job, resource.ConditionCompleted)}
		}
	}
	states = append(states, resource.State{Ref: job, IncusName: "p-job-1", Exists: true, Status: resource.StatusStopped})
	w := newWorld(states...)
	e := New(Config{Plugins: w})
	m := NewModel(nil)
	o, err := e.Observe(t.Context(), m, []resource.Kind{resource.KindInstance}, resource.NewOptions())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"complete instance/job-1", "start instance/db-1", "start instance/job-1", "start instance/web-1", "wait instance/db-1", "wait instance/web-1"}
	if diff := cmp.Diff(want, stepIDs(Start(m, o, PowerOptions{Wait: true}))); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

func TestTheGracePeriodIsForWhatStops(t *testing.T) {
	t.Parallel()
	old := resource.State{Ref: ref(resource.KindInstance, "old-1"), IncusName: "p-old-1", Exists: true, Status: resource.StatusRunning}
	_, m, o := look(t, newWorld(append(running(chain()), old)...), chain())
	opts := UpOptions{Grace: time.Second, Recreate: RecreateAlways, Asked: Selection{ref(resource.KindInstance, "a-1"): true}, RemoveOrphans: true}
	got := make(map[resource.Action]time.Duration)
	for _, s := range Up(m, o, opts).Steps {
		got[s.Action] = s.Options.Timeout
	}
	want := map[resource.Action]time.Duration{
		resource.ActionEnsure: time.Second, resource.ActionStop: time.Second, resource.ActionDelete: time.Second, resource.ActionStart: 0, resource.ActionWait: 0,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("timeouts (-want +got):\n%s", diff)
	}
}
