package engine

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/sdk/resource"
)

// look resolves the declarations and observes the world.
func look(t *testing.T, w *world, decls []resource.Declaration) (*Engine, *Model, *Observation) {
	t.Helper()
	e := New(Config{Plugins: w, Workers: 2})
	m, err := e.Resolve(t.Context(), decls)
	if err != nil {
		t.Fatal(err)
	}
	o, err := e.Observe(t.Context(), m, nil, resource.NewOptions())
	if err != nil {
		t.Fatal(err)
	}
	return e, m, o
}

func stepIDs(p *Plan) []string {
	ids := []string{}
	for _, s := range p.Steps {
		ids = append(ids, s.ID())
	}
	slices.Sort(ids)
	return ids
}

func TestUpCreatesInTheOrderOfTheEdges(t *testing.T) {
	t.Parallel()
	w := newWorld()
	e, m, o := look(t, w, shop())
	if _, err := e.Apply(t.Context(), Up(m, o, UpOptions{})); err != nil {
		t.Fatal(err)
	}
	before(t, w.calls, "ensure project/shop", "ensure network/default")
	before(t, w.calls, "ensure storage-volume/data", "ensure instance/db-1")
	before(t, w.calls, "ensure image/redis:8", "ensure instance/web-1")
	before(t, w.calls, "start instance/db-1", "wait instance/db-1")
	before(t, w.calls, "wait instance/db-1", "start instance/web-1")
	inputs := w.inputs["ensure instance/db-1"]
	if len(inputs) != 3 || !strings.Contains(string(inputs[0].Outputs), "outputs of image/redis:8") {
		t.Errorf("the instance was not given what it depends on: %v", inputs)
	}
}

func TestUpOfAnUnchangedProjectDoesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(running(shop())...)
	_, m, o := look(t, w, shop())
	if p := Up(m, o, UpOptions{}); !p.Empty() {
		t.Errorf("want no steps, got %q", stepIDs(p))
	}
	want := []string{"plan image", "plan instance", "plan network", "plan project", "plan storage-volume"}
	if diff := cmp.Diff(want, slices.Sorted(slices.Values(w.calls))); diff != "" {
		t.Errorf("one question a kind (-want +got):\n%s", diff)
	}
}

func TestUpGoals(t *testing.T) {
	t.Parallel()
	web, db := ref(resource.KindInstance, "web-1"), ref(resource.KindInstance, "db-1")
	stopped := func(decls []resource.Declaration, names ...string) []resource.State {
		states := running(decls)
		for i := range states {
			if slices.Contains(names, states[i].Name) {
				states[i].Status = resource.StatusStopped
			}
		}
		return states
	}
	surplus := resource.State{Ref: ref(resource.KindInstance, "old-1"), IncusName: "p-old-1", Exists: true, Status: resource.StatusRunning}
	tests := []struct {
		name   string
		states []resource.State
		change func(*Observation)
		opts   UpOptions
		want   []string
	}{
		{"a stopped service is started again, once what it needs was asked for its health", stopped(shop(), "web-1"), nil, UpOptions{}, []string{"start instance/web-1", "wait instance/db-1"}},
		{"a recreated service is started", running(shop()), func(o *Observation) {
			o.Changes[db] = resource.Change{Ref: db, Class: resource.ClassRecreate}
		}, UpOptions{}, []string{"ensure instance/db-1", "start instance/db-1"}},
		{"a live change needs no start", running(shop()), func(o *Observation) {
			o.Changes[web] = resource.Change{Ref: web, Class: resource.ClassLive}
		}, UpOptions{}, []string{"ensure instance/web-1"}},
		{"orphans stay", append(running(shop()), surplus), nil, UpOptions{}, []string{}},
		{"orphans go when asked to", append(running(shop()), surplus), nil, UpOptions{RemoveOrphans: true}, []string{"delete instance/old-1"}},
		{"surplus replicas go", append(running(shop()), surplus), func(o *Observation) {
			o.Changes[surplus.Ref] = resource.Change{Ref: surplus.Ref, Class: resource.ClassDelete}
		}, UpOptions{}, []string{"delete instance/old-1"}},
		{"what is to be kept is neither orphan nor surplus", append(running(shop()), surplus), nil,
			UpOptions{RemoveOrphans: true, Keep: Set{surplus.Ref: true}}, []string{}},
		{"what was scaled to nothing goes", append(running(shop()), surplus), nil,
			UpOptions{Surplus: Set{surplus.Ref: true}}, []string{"delete instance/old-1"}},
		{"--no-start creates only", nil, nil, UpOptions{NoStart: true}, []string{
			"ensure image/redis:8", "ensure instance/db-1", "ensure instance/web-1", "ensure network/default", "ensure project/shop", "ensure storage-volume/data",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, m, o := look(t, newWorld(tt.states...), shop())
			if tt.change != nil {
				tt.change(o)
			}
			if diff := cmp.Diff(tt.want, stepIDs(Up(m, o, tt.opts))); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAStartSaysWhy(t *testing.T) {
	t.Parallel()
	states := running(shop())
	for i := range states {
		if states[i].Name == "web-1" {
			states[i].Status = resource.StatusPaused
		}
	}
	_, m, o := look(t, newWorld(states...), shop())
	db := ref(resource.KindInstance, "db-1")
	o.Changes[db] = resource.Change{Ref: db, Class: resource.ClassRestart, Reason: "environment.A changed"}
	got := make(map[string]string)
	for _, s := range Up(m, o, UpOptions{}).Steps {
		if s.Action == resource.ActionStart {
			got[s.Ref.Name] = s.Reason()
		}
	}
	if diff := cmp.Diff(map[string]string{"web-1": "it is paused", "db-1": ""}, got); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
}

func TestAChangedHealthCheckIsInPlaceBeforeItIsWaitedFor(t *testing.T) {
	t.Parallel()
	states := running(shop())
	for i := range states {
		if states[i].Name == "web-1" {
			states[i].Status = resource.StatusStopped
		}
	}
	db := ref(resource.KindInstance, "db-1")
	w := newWorld(states...)
	e, m, o := look(t, w, shop())
	o.Changes[db] = resource.Change{Ref: db, Class: resource.ClassLive}
	if _, err := e.Apply(t.Context(), Up(m, o, UpOptions{})); err != nil {
		t.Fatal(err)
	}
	before(t, w.calls, "ensure instance/db-1", "wait instance/db-1")
	if p := Up(m, o, UpOptions{}); !slices.Contains(p.Steps[p.index["wait instance/db-1"]].Needs, "ensure instance/db-1") {
		t.Errorf("the wait needs %q only", p.Steps[p.index["wait instance/db-1"]].Needs)
	}
}

func TestSelectBringsWhatAServiceNeeds(t *testing.T) {
	t.Parallel()
	_, m, _ := look(t, newWorld(), shop())
	web := []resource.Ref{ref(resource.KindInstance, "web-1")}
	if s := m.Select(web, false); !s.Has(ref(resource.KindInstance, "db-1")) || !s.Has(ref(resource.KindProject, "shop")) {
		t.Errorf("dependencies are missing: %v", s)
	}
	s := m.Select(web, true)
	if s.Has(ref(resource.KindInstance, "db-1")) || s.Has(ref(resource.KindStorageVolume, "data")) {
		t.Errorf("--no-deps brought the database along: %v", s)
	}
	if !s.Has(ref(resource.KindNetwork, "default")) {
		t.Errorf("--no-deps left the network out: %v", s)
	}
}

func TestAFailedWaitNamesWhoWaits(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.fail["wait instance/db-1"] = resource.ErrUnhealthy
	e, m, o := look(t, w, shop())
	_, err := e.Apply(t.Context(), Up(m, o, UpOptions{}))
	if !errors.Is(err, resource.ErrUnhealthy) || !strings.Contains(err.Error(), "; p-web-1 waits for it to be healthy") {
		t.Errorf("want the error to name the waiting service, got %v", err)
	}
}

func TestWaitingForAllIsContentWithWhatHasNoHealthCheck(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.fail["wait instance/web-1"] = resource.ErrUnsupportedAction
	e, m, o := look(t, w, shop())
	if _, err := e.Apply(t.Context(), Up(m, o, UpOptions{Wait: true})); err != nil {
		t.Errorf("want no error, got %v", err)
	}
	if !slices.Contains(w.calls, "wait instance/web-1") {
		t.Errorf("nobody asked: %q", w.calls)
	}
}

func TestRestartStopsAndStartsInOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(running(shop())...)
	e, m, o := look(t, w, shop())
	if _, err := e.Apply(t.Context(), Restart(m, o, PowerOptions{})); err != nil {
		t.Fatal(err)
	}
	before(t, w.calls, "stop instance/web-1", "stop instance/db-1")
	before(t, w.calls, "stop instance/db-1", "start instance/db-1")
	before(t, w.calls, "wait instance/db-1", "start instance/web-1")
}

func TestApplyBuildsWhatAPluginNeeds(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.needs[ref(resource.KindImage, "redis:8")] = true
	e, m, o := look(t, w, shop())
	if _, err := e.Apply(t.Context(), Up(m, o, UpOptions{})); err != nil {
		t.Fatal(err)
	}
	if len(w.built) != 1 || w.built[0].Name != "app" {
		t.Fatalf("want one build of app, got %v", w.built)
	}
	if _, err := os.Stat(w.built[0].OutputDir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the build's directory %s is still there", w.built[0].OutputDir)
	}
}

func TestApplyReportsEveryErrorWithItsResource(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.fail["ensure network/default"] = resource.ErrConflict
	e, m, o := look(t, w, shop())
	var skipped []string
	e.emit = event.Serial(func(ev event.Event) {
		if ev.Type == event.Skipped {
			skipped = append(skipped, ev.IncusName)
		}
	})
	_, err := e.Apply(t.Context(), Up(m, o, UpOptions{}))
	if !errors.Is(err, resource.ErrConflict) || !strings.HasPrefix(err.Error(), "network p-default: ") {
		t.Errorf("want the conflict with its resource by the name on the server, got %v", err)
	}
	slices.Sort(skipped)
	instances := slices.DeleteFunc(skipped, func(name string) bool { return name == "p-data" }) // may have begun before
	if diff := cmp.Diff([]string{"p-db-1", "p-web-1"}, instances); diff != "" {
		t.Errorf("dependents reported as skipped, once each (-want +got):\n%s", diff)
	}
}

func TestErrorsOfWhatIsDeclaredSayWhere(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.fail["start instance/db-1"] = resource.ErrPortInUse.WithHint("choose another")
	e, m, o := look(t, w, shop())
	for i := range m.Resolved {
		m.Resolved[i].Position = resource.Position{File: "compose.yaml", Line: 7, Path: "services.db"}
	}
	_, err := e.Apply(t.Context(), Up(m, o, UpOptions{}))
	if !errors.Is(err, resource.ErrPortInUse) || !strings.HasPrefix(err.Error(), "compose.yaml:7: services.db: start instance p-db-1: ") {
		t.Errorf("want the error with its place, got %v", err)
	}
	if resource.Hint(err) != "choose another" {
		t.Errorf("the hint is lost: %q", resource.Hint(err))
	}
	// What fails when it is taken away is no fault of the file.
	w = newWorld(running(shop())...)
	w.fail["stop instance/db-1"] = resource.ErrTimeout
	e, _, o = look(t, w, shop())
	if _, err := e.Apply(t.Context(), Down(m, o, DownOptions{})); err == nil || strings.Contains(err.Error(), "compose.yaml") {
		t.Errorf("want an error without a place, got %v", err)
	}
}

func TestWhatCannotBeComparedSaysWhereItIsDeclared(t *testing.T) {
	t.Parallel()
	w := newWorld()
	e, m, _ := look(t, w, shop())
	for i := range m.Resolved {
		m.Resolved[i].Position = resource.Position{File: "compose.yaml", Line: i + 1}
	}
	for ref, want := range map[resource.Ref]string{
		ref(resource.KindInstance, "db-1"):   "compose.yaml:",
		ref(resource.KindInstance, "other"):  "instance other",
		ref(resource.KindInstance, ""):       "plan instance",
		ref(resource.KindStorageVolume, "x"): "storage-volume x",
	} {
		w.fail["plan instance"] = resource.ErrNotFound.WithText("no pool").WithResource(ref)
		_, err := e.Observe(t.Context(), m, nil, resource.NewOptions())
		if !errors.Is(err, resource.ErrNotFound) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v", ref, err)
		}
	}
}

func TestErrorsNameWhatUsersSee(t *testing.T) {
	t.Parallel()
	web, img := ref(resource.KindInstance, "web-1"), ref(resource.KindImage, "redis:8")
	for _, tt := range []struct {
		err  error
		ref  resource.Ref
		want string
	}{
		{resource.ErrConflict.WithText("taken").WithResource(web).WithAction(resource.ActionStart), web, "start instance p-web-1: taken"},
		{resource.ErrConflict.WithText("taken").WithResource(web).WithAction(resource.ActionEnsure), web, "instance p-web-1: taken"},
		{resource.ErrConflict.WithText("gone").WithResource(img), img, "image redis:8: gone"},
		{resource.ErrConflict.WithText("gone").WithResource(img), web, "image redis:8: gone"},
		{context.Canceled, web, "context canceled"},
	} {
		if got := seen(tt.err, tt.ref, "p-"+tt.ref.Name); got.Error() != tt.want || !errors.Is(got, tt.err) {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
	if seen(nil, web, "p-web-1") != nil {
		t.Error("no error has become one")
	}
}

func TestResolveRefusesAnEdgeToNothing(t *testing.T) {
	t.Parallel()
	decls := []resource.Declaration{{Ref: ref(resource.KindInstance, "web-1"), DependsOn: []resource.Edge{edge(ref(resource.KindNetwork, "nope"), "")}}}
	_, err := New(Config{Plugins: newWorld()}).Resolve(context.Background(), decls)
	if !errors.Is(err, resource.ErrConfig) || !strings.Contains(err.Error(), `network "nope"`) {
		t.Errorf("want an error that names the missing network, got %v", err)
	}
}

func TestRenewRunsImagesBeforeAnythingIsCompared(t *testing.T) {
	t.Parallel()
	img, net := ref(resource.KindImage, "redis:8"), ref(resource.KindNetwork, "default")
	w := newWorld(running(shop())...)
	e, m, o := look(t, w, shop())
	o.Changes[img] = resource.Change{Ref: img, Class: resource.ClassRebuild}
	o.Changes[net] = resource.Change{Ref: net, Class: resource.ClassLive}
	w.calls = nil
	again, err := e.Renew(t.Context(), Up(m, o, UpOptions{}), resource.KindImage, resource.NewOptions())
	if err != nil || again == nil {
		t.Fatalf("want a new observation, got %v, %v", again, err)
	}
	before(t, w.calls, "ensure image/redis:8", "plan instance")
	if slices.Contains(w.calls, "ensure network/default") {
		t.Errorf("more than the image was renewed: %q", w.calls)
	}
}

func TestTheSummaryCountsFromWhenTheWorkBegan(t *testing.T) {
	t.Parallel()
	e, m, o := look(t, newWorld(running(shop())...), shop())
	var told event.Event
	e.emit = event.Serial(func(ev event.Event) { told = ev })
	p := Up(m, o, UpOptions{})
	p.Began = time.Now().Add(-time.Hour)
	if _, err := e.Apply(t.Context(), p); err != nil || told.Type != event.Summary || told.Elapsed < time.Hour {
		t.Errorf("%v, the last event is %+v", err, told)
	}
}

func TestRenewLeavesAPlanAloneThatCreatesImages(t *testing.T) {
	t.Parallel()
	w := newWorld()
	e, m, o := look(t, w, shop())
	w.calls = nil
	if again, err := e.Renew(t.Context(), Up(m, o, UpOptions{}), resource.KindImage, resource.NewOptions()); again != nil || err != nil {
		t.Errorf("want nothing done, got %v, %v", again, err)
	}
	if len(w.calls) > 0 {
		t.Errorf("want no calls, got %q", w.calls)
	}
}
