package engine

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/resource"
)

func TestDriftsSayWhatUpDoesAboutThem(t *testing.T) {
	t.Parallel()
	web, net := ref(resource.KindInstance, "web-1"), ref(resource.KindNetwork, "default")
	memory := resource.FieldChange{Path: "limits.memory", Before: "1GiB", After: "2GiB", Class: resource.ClassLive}
	note := resource.FieldChange{Path: "user.note", After: "mine", Class: resource.ClassNone}
	nat := resource.FieldChange{Path: "ipv4.nat", Before: "true", After: "false", Class: resource.ClassLive}
	o := &Observation{
		States: map[resource.Ref]resource.State{web: {Ref: web, IncusName: "shop-web-1"}, net: {Ref: net, IncusName: "shop-default"}},
		Drift: map[resource.Ref]resource.Change{
			web: {Ref: web, Fields: []resource.FieldChange{memory, note}},
			net: {Ref: net, Fields: []resource.FieldChange{nat}},
		},
		Changes: map[resource.Ref]resource.Change{
			web: {Ref: web, Class: resource.ClassNone},
			net: {Ref: net, Class: resource.ClassLive, Fields: []resource.FieldChange{{Path: "ipv4.nat", Before: "false", After: "true"}}},
		},
		Priorities: map[resource.Kind]int{resource.KindNetwork: 1, resource.KindInstance: 2},
	}
	onNet := Drift{Ref: net, IncusName: "shop-default", Fields: []DriftField{{FieldChange: nat, Reverted: true}}}
	for name, tt := range map[string]struct {
		selection Selection
		foreign   bool
		want      []Drift
	}{
		"icc's own fields": {nil, false, []Drift{onNet, {Ref: web, IncusName: "shop-web-1", Fields: []DriftField{{FieldChange: memory}}}}},
		"and those of others": {nil, true, []Drift{onNet, {Ref: web, IncusName: "shop-web-1",
			Fields: []DriftField{{FieldChange: memory}, {FieldChange: note, Foreign: true}}}}},
		"of what was selected": {Selection{net: true}, true, []Drift{onNet}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, o.Drifts(tt.selection, tt.foreign)); diff != "" {
				t.Errorf("drifts (-want +got):\n%s", diff)
			}
		})
	}
	if o.Diverged(o.Drifts(nil, false)) {
		t.Error("what only others changed counts as a change of the file")
	}
	o.Changes[web] = resource.Change{Ref: web, Class: resource.ClassRestart, Fields: []resource.FieldChange{{Path: "environment.A"}}}
	if !o.Diverged(o.Drifts(nil, false)) {
		t.Error("a change of the file is not seen")
	}
}
