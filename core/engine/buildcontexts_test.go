package engine

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// imageOf is the declaration of an image that is built, from other images.
func imageOf(t *testing.T, name string, from ...string) resource.Resolved {
	t.Helper()
	config, err := json.Marshal(kinds.ImageConfig{Reference: name, Build: &kinds.BuildConfig{Context: "/" + name, NoCache: true}})
	if err != nil {
		t.Fatal(err)
	}
	r := resource.Resolved{Ref: ref(resource.KindImage, name), Config: config}
	for _, other := range from {
		r.DependsOn = append(r.DependsOn, edge(ref(resource.KindImage, other), resource.ConditionEnsured))
	}
	return r
}

func TestTheBuilderHasTheImagesThatABuildTakesAsContexts(t *testing.T) {
	t.Parallel()
	w := newWorld()
	e := New(Config{Plugins: w})
	app := imageOf(t, "app", "lib", "base")
	base := ref(resource.KindImage, "base")
	r := &run{engine: e, plan: &Plan{
		Model:       NewModel([]resource.Resolved{app, imageOf(t, "lib", "base"), imageOf(t, "base")}),
		Observation: &Observation{States: map[resource.Ref]resource.State{base: {Ref: base, Outputs: json.RawMessage(`{"digest":"sha256:has"}`)}}},
	}}
	for range 2 { // the second time, all is there
		if err := r.buildContexts(t.Context(), app, "linux/amd64", event.Sink{Handler: event.Discard}); err != nil {
			t.Fatal(err)
		}
	}
	var built []string
	for _, b := range w.built {
		built = append(built, b.Name+" "+b.Platform+" "+b.KnownDigest)
		if b.Build.NoCache {
			t.Errorf("%s is built without the cache, so another image than that of the server", b.Name)
		}
	}
	if diff := cmp.Diff([]string{"base linux/amd64 sha256:has", "lib linux/amd64 "}, built); diff != "" {
		t.Errorf("built (-want +got):\n%s", diff)
	}
}

func TestAServiceIsSelectedWithTheImagesThatItsImageIsBuiltFrom(t *testing.T) {
	t.Parallel()
	web, db := ref(resource.KindInstance, "web-1"), ref(resource.KindInstance, "db-1")
	m := NewModel([]resource.Resolved{
		imageOf(t, "app", "base"), imageOf(t, "base"), {Ref: db},
		{Ref: web, DependsOn: []resource.Edge{edge(ref(resource.KindImage, "app"), resource.ConditionEnsured), edge(db, resource.ConditionStarted)}},
	})
	want := Selection{web: true, ref(resource.KindImage, "app"): true, ref(resource.KindImage, "base"): true}
	if diff := cmp.Diff(want, m.Select([]resource.Ref{web}, true)); diff != "" {
		t.Errorf("selected (-want +got):\n%s", diff)
	}
}
