package engine

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/resource"
)

// pantry is two services, of which both use one volume, and another volume that one of them uses, too.
func pantry() []resource.Declaration {
	data, more := ref(resource.KindStorageVolume, "data"), ref(resource.KindStorageVolume, "more")
	return []resource.Declaration{
		{Ref: data}, {Ref: more},
		{Ref: ref(resource.KindInstance, "a-1"), DependsOn: []resource.Edge{edge(data, ""), edge(more, "")}},
		{Ref: ref(resource.KindInstance, "b-1"), DependsOn: []resource.Edge{edge(data, "")}},
		{Ref: ref(resource.KindInstance, "c-1")},
	}
}

func TestWhatUsesAChangedVolumeMakesWay(t *testing.T) {
	t.Parallel()
	data, more := ref(resource.KindStorageVolume, "data"), ref(resource.KindStorageVolume, "more")
	a, b := ref(resource.KindInstance, "a-1"), ref(resource.KindInstance, "b-1")
	for name, tt := range map[string]struct {
		changes map[resource.Ref]resource.Class
		stopped []resource.Ref
		want    []string
		lost    int
	}{
		"a live change disturbs nobody": {map[resource.Ref]resource.Class{data: resource.ClassLive}, nil, []string{"ensure storage-volume/data"}, 0},
		"users stand still": {map[resource.Ref]resource.Class{data: resource.ClassRestart}, nil, []string{
			"stop instance/a-1", "stop instance/b-1", "ensure storage-volume/data", "start instance/a-1", "start instance/b-1"}, 0},
		"who is stopped stays so": {map[resource.Ref]resource.Class{more: resource.ClassRestart}, []resource.Ref{a}, []string{
			"ensure storage-volume/more"}, 0},
		"users are made anew": {map[resource.Ref]resource.Class{data: resource.ClassRecreate}, nil, []string{
			"stop instance/a-1", "delete instance/a-1", "stop instance/b-1", "delete instance/b-1", "ensure storage-volume/data",
			"ensure instance/a-1", "start instance/a-1", "ensure instance/b-1", "start instance/b-1"}, 1},
		"for two volumes once": {map[resource.Ref]resource.Class{data: resource.ClassRecreate, more: resource.ClassRecreate}, []resource.Ref{b}, []string{
			"stop instance/a-1", "delete instance/a-1", "delete instance/b-1", "ensure storage-volume/data", "ensure storage-volume/more",
			"ensure instance/a-1", "start instance/a-1", "ensure instance/b-1"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(withStatus(pantry(), resource.StatusStopped, tt.stopped...)...)
			e, m, o := look(t, w, pantry())
			for r, class := range tt.changes {
				o.Changes[r] = resource.Change{Ref: r, Class: class}
			}
			p := Up(m, o, UpOptions{Select: Selection{data: true, more: true}})
			if len(p.Losses()) != tt.lost {
				t.Errorf("it says that %v is lost", p.Losses())
			}
			for r, class := range tt.changes {
				away := map[resource.Class]resource.Action{resource.ClassRestart: resource.ActionStop, resource.ClassRecreate: resource.ActionDelete}[class]
				if id := stepID(away, a); p.has(away, a) && !slices.Contains(p.Steps[p.index[stepID(resource.ActionEnsure, r)]].Needs, id) {
					t.Errorf("the change of %s does not wait for %q", r, id)
				}
			}
			w.calls = nil
			if _, err := e.Apply(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			if len(w.calls) != len(tt.want) {
				t.Fatal(cmp.Diff(tt.want, w.calls))
			}
			for _, v := range []resource.Ref{data, more} {
				for _, user := range []resource.Ref{a, b} {
					for _, first := range []string{"stop ", "delete "} {
						ordered(t, w.calls, first+user.String(), "ensure "+v.String())
					}
					ordered(t, w.calls, "ensure "+v.String(), "ensure "+user.String())
					ordered(t, w.calls, "ensure "+v.String(), "start "+user.String())
				}
			}
			for _, id := range tt.want {
				before(t, append(w.calls, "end"), id, "end")
			}
		})
	}
}

// ordered is before for what has both calls, if they concern each other.
func ordered(t *testing.T, calls []string, a, b string) {
	t.Helper()
	if b == "ensure storage-volume/more" && a != "stop instance/a-1" || a == "ensure storage-volume/more" {
		return // more is a's alone
	}
	has := map[string]bool{}
	for _, c := range calls {
		has[c] = true
	}
	if has[a] && has[b] {
		before(t, calls, a, b)
	}
}
