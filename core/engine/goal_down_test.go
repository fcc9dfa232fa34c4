package engine

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/resource"
)

func TestDownRemovesDependentsFirstAndKeepsData(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		decls []resource.Declaration
	}{{"with the compose file", shop()}, {"from the server alone", nil}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(running(shop())...)
			e, m, o := look(t, w, tt.decls)
			if _, err := e.Apply(t.Context(), Down(m, o, DownOptions{})); err != nil {
				t.Fatal(err)
			}
			before(t, w.calls, "stop instance/db-1", "delete instance/db-1")
			before(t, w.calls, "delete instance/web-1", "delete network/default")
			before(t, w.calls, "delete instance/db-1", "delete network/default")
			before(t, w.calls, "delete network/default", "delete project/shop")
			if slices.Contains(w.calls, "delete storage-volume/data") || slices.Contains(w.calls, "delete image/redis:8") {
				t.Errorf("data was deleted: %q", w.calls)
			}
			if tt.decls != nil {
				before(t, w.calls, "stop instance/web-1", "stop instance/db-1")
			}
		})
	}
}

func TestDownVolumesDeletesThemAfterTheirUsers(t *testing.T) {
	t.Parallel()
	w := newWorld(running(shop())...)
	e, m, o := look(t, w, shop())
	p := Down(m, o, DownOptions{Persistent: []resource.Kind{resource.KindStorageVolume}})
	if _, err := e.Apply(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	before(t, w.calls, "delete instance/db-1", "delete storage-volume/data")
	before(t, w.calls, "delete storage-volume/data", "delete project/shop")
}

func TestDownLeavesWhatKeptInstancesMayUse(t *testing.T) {
	t.Parallel()
	orphan := resource.State{Ref: ref(resource.KindInstance, "old-1"), IncusName: "p-old-1", Exists: true, Status: resource.StatusRunning}
	for _, tt := range []struct {
		name    string
		opts    DownOptions
		orphans int
	}{
		{"orphans", DownOptions{KeepOrphans: true}, 1},
		{"services of other profiles", DownOptions{Keep: Set{orphan.Ref: true}}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, m, o := look(t, newWorld(append(running(shop()), orphan)...), shop())
			p := Down(m, o, tt.opts)
			want := []string{"delete instance/db-1", "delete instance/web-1", "stop instance/db-1", "stop instance/web-1"}
			if diff := cmp.Diff(want, stepIDs(p)); diff != "" || len(p.Orphans) != tt.orphans {
				t.Errorf("%d orphans, steps (-want +got):\n%s", len(p.Orphans), diff)
			}
		})
	}
}

func TestObserveSeesKindsThatTheFileNoLongerHas(t *testing.T) {
	t.Parallel()
	old := resource.State{Ref: ref(resource.KindStorageVolume, "old"), Exists: true, Persistent: true}
	w := newWorld(append(running(shop()), old)...)
	e := New(Config{Plugins: w})
	withoutVolumes := slices.DeleteFunc(shop(), func(d resource.Declaration) bool { return d.Kind == resource.KindStorageVolume })
	for i := range withoutVolumes {
		withoutVolumes[i].DependsOn = slices.DeleteFunc(withoutVolumes[i].DependsOn, func(e resource.Edge) bool { return e.To.Kind == resource.KindStorageVolume })
	}
	m, err := e.Resolve(t.Context(), withoutVolumes)
	if err != nil {
		t.Fatal(err)
	}
	all, err := e.Kinds(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	o, err := e.Observe(t.Context(), m, all, resource.NewOptions())
	if err != nil {
		t.Fatal(err)
	}
	if p := Down(m, o, DownOptions{Persistent: []resource.Kind{resource.KindStorageVolume}}); !p.has(resource.ActionDelete, old.Ref) {
		t.Errorf("the volume is not deleted: %q", stepIDs(p))
	}
	before(t, w.calls, "plan network", "plan instance")
}

func TestDownDeletesUndeclaredThingsAfterWhoeverMayUseThem(t *testing.T) {
	t.Parallel()
	hidden := resource.State{Ref: ref(resource.KindStorageVolume, "hidden"), Exists: true, Status: resource.StatusAvailable}
	w := newWorld(append(running(shop()), hidden)...)
	e, m, o := look(t, w, shop())
	e.workers = 1
	if _, err := e.Apply(t.Context(), Down(m, o, DownOptions{})); err != nil {
		t.Fatal(err)
	}
	before(t, w.calls, "delete instance/db-1", "delete storage-volume/hidden")
	before(t, w.calls, "delete instance/web-1", "delete storage-volume/hidden")
	before(t, w.calls, "delete storage-volume/hidden", "delete project/shop")
}

func TestDownPrefersKnownEdgesToPriorities(t *testing.T) {
	t.Parallel()
	// The zone has the lowest priority of all and depends on an instance: it goes first, and the hidden volume with it.
	zone := ref("dns-zone", "zone")
	decls := []resource.Declaration{{Ref: refWeb}, {Ref: zone, DependsOn: []resource.Edge{edge(refWeb, resource.ConditionEnsured)}}}
	w := newWorld(running(decls)...)
	_, m, o := look(t, w, decls)
	hidden := resource.State{Ref: ref(resource.KindStorageVolume, "hidden"), Exists: true, Status: resource.StatusAvailable}
	o.States[hidden.Ref] = hidden
	e := New(Config{Plugins: w})
	if _, err := e.Apply(t.Context(), Down(m, o, DownOptions{})); err != nil {
		t.Fatal(err)
	}
	before(t, w.calls, "delete dns-zone/zone", "delete instance/web-1")
}

func TestDownDeletesWhatTheFileNoLongerHasAfterItsUsers(t *testing.T) {
	t.Parallel()
	old := resource.State{Ref: ref(resource.KindNetwork, "old"), Exists: true}
	data := resource.State{Ref: ref(resource.KindStorageVolume, "old-data"), Exists: true, Persistent: true}
	// Of low priority, and yet it needs an instance that is declared.
	web := ref(resource.KindInstance, "web-1")
	needy := resource.State{Ref: ref(resource.KindProfile, "needy"), Exists: true, DependsOn: []resource.Edge{edge(web, resource.ConditionEnsured)}}
	w := newWorld(append(running(shop()), old, data, needy)...)
	e := New(Config{Plugins: w, Workers: 8})
	m, err := e.Resolve(t.Context(), shop())
	if err != nil {
		t.Fatal(err)
	}
	o, err := e.Observe(t.Context(), m, []resource.Kind{
		resource.KindProject, resource.KindProfile, resource.KindNetwork, resource.KindStorageVolume, resource.KindInstance,
	}, resource.NewOptions())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Apply(t.Context(), Down(m, o, DownOptions{Persistent: []resource.Kind{resource.KindStorageVolume}})); err != nil {
		t.Fatal(err)
	}
	for _, instance := range []string{"delete instance/web-1", "delete instance/db-1"} {
		before(t, w.calls, instance, "delete network/old")
		before(t, w.calls, instance, "delete storage-volume/old-data")
	}
	before(t, w.calls, "delete profile/needy", "delete instance/web-1")
}

func TestDownDeletesWhatWasStartedAgainMeanwhile(t *testing.T) {
	t.Parallel()
	_, m, o := look(t, newWorld(running(shop())...), shop())
	p := Down(m, o, DownOptions{})
	for id, want := range map[string]bool{"delete instance/web-1": true, "stop instance/web-1": false, "delete network/default": false} {
		if got := p.Steps[p.index[id]].Options.Force; got != want {
			t.Errorf("%s by force: %v, want %v", id, got, want)
		}
	}
}

func TestExternalObjectsAreNeverDeleted(t *testing.T) {
	t.Parallel()
	states := running(shop())
	states[2].External = true
	_, m, o := look(t, newWorld(states...), shop())
	if p := Down(m, o, DownOptions{}); p.has(resource.ActionDelete, states[2].Ref) {
		t.Errorf("the external network is to be deleted: %q", stepIDs(p))
	}
}
