package main

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/resource"
)

func TestWhatWasMadeAnewIsFresh(t *testing.T) {
	t.Parallel()
	look := func(made map[string]string) *engine.Observation {
		o := &engine.Observation{States: make(map[resource.Ref]resource.State)}
		for name, at := range made {
			ref := resource.Ref{Kind: resource.KindInstance, Name: name}
			o.States[ref] = resource.State{Ref: ref, Exists: true, Outputs: []byte(fmt.Sprintf(`{"created_at": "2026-11-22T%sZ"}`, at))}
		}
		return o
	}
	set := func(name string, fresh bool) engine.Set {
		return engine.Set{{Kind: resource.KindInstance, Name: name}: fresh}
	}
	var a ages
	for _, tt := range []struct {
		what, name, at string
		want           bool
	}{
		{"at first nothing is", "web-1", "10:00:00", false},
		{"the same is not", "web-1", "10:00:00", false},
		{"one made since is", "web-1", "10:05:00", true},
		{"it stays fresh", "web-1", "10:05:00", true},
		{"one that was not there is", "web-2", "10:05:00", true},
	} {
		if diff := cmp.Diff(set(tt.name, tt.want), a.fresh(look(map[string]string{tt.name: tt.at}))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.what, diff)
		}
	}
}
