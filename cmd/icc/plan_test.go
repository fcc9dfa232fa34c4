package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/resource"
)

func TestFieldsOfAPlanSayWhatBecomesOfThem(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		field resource.FieldChange
		want  string
	}{
		{resource.FieldChange{Path: "a", Before: "1", After: "2", Class: resource.ClassLive}, "a: 1 -> 2 (live)"},
		{resource.FieldChange{Path: "a", After: "2", Class: resource.ClassLive}, "a: 2 (live)"},
		{resource.FieldChange{Path: "a", Before: "1", Class: resource.ClassLive}, "a: 1 goes away (live)"},
		{resource.FieldChange{Path: "a", Class: resource.ClassLive}, "a: changed (live)"},
		{resource.FieldChange{Path: "a", Sensitive: true, Class: resource.ClassRecreate}, "a: changed (recreate)"},
		{resource.FieldChange{Path: "limits.memory", Compose: "mem_limit", Before: "1GiB", After: "2GiB", Class: resource.ClassLive}, "mem_limit: 1GiB -> 2GiB (live)"},
	} {
		if got := fieldText(tt.field); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.field, got, tt.want)
		}
	}
}

func TestWhatGoesAndWhatComesUnderOneNameIsOneChange(t *testing.T) {
	t.Parallel()
	port := func(before, after string) resource.FieldChange {
		return resource.FieldChange{Path: "devices." + before + after, Compose: "ports", Before: before, After: after, Class: resource.ClassLive}
	}
	label := resource.FieldChange{Path: "user.label.a", Compose: "labels.a", After: "1", Class: resource.ClassLive}
	got := paired([]resource.FieldChange{port("80:80", ""), label, port("", "81:80"), port("", "90:90")})
	want := []resource.FieldChange{{Path: "devices.80:80", Compose: "ports", Before: "80:80", After: "81:80", Class: resource.ClassLive}, label, port("", "90:90")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// planOf returns a plan of the steps, for a project that has all they are about.
func planOf(steps ...engine.Step) *engine.Plan {
	o := &engine.Observation{States: map[resource.Ref]resource.State{}}
	for _, s := range steps {
		o.States[s.Ref] = resource.State{Ref: s.Ref, IncusName: "shop-" + s.Ref.Name, Persistent: s.Ref.Kind == resource.KindStorageVolume}
	}
	return &engine.Plan{Steps: steps, Model: engine.NewModel(nil), Observation: o}
}

func step(a resource.Action, k resource.Kind, name string, class resource.Class, fields ...resource.FieldChange) engine.Step {
	ref := resource.Ref{Kind: k, Name: name}
	return engine.Step{Action: a, Ref: ref, Change: resource.Change{Ref: ref, Class: class, Reason: "why " + string(class), Fields: fields}}
}

func TestAPlanWithoutReasonsHasNoColumnForThem(t *testing.T) {
	t.Parallel()
	stop := step(resource.ActionStop, resource.KindInstance, "web-1", "")
	stop.Change.Reason = ""
	var out bytes.Buffer
	printPlan(&out, planOf(stop), nil)
	want := "ACTION   KIND       NAME\nstop     instance   shop-web-1\n\n1 to stop\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAPlanHasOneRowForEachResourceAndCountsThem(t *testing.T) {
	t.Parallel()
	inst := resource.KindInstance
	p := planOf(
		step(resource.ActionEnsure, inst, "a-1", resource.ClassCreate), step(resource.ActionStart, inst, "a-1", ""),
		step(resource.ActionEnsure, inst, "b-1", resource.ClassLive),
		step(resource.ActionEnsure, inst, "c-1", resource.ClassRestart), step(resource.ActionStart, inst, "c-1", ""),
		step(resource.ActionStop, inst, "d-1", resource.ClassRestart), step(resource.ActionStart, inst, "d-1", ""),
		step(resource.ActionStop, inst, "e-1", ""), step(resource.ActionDelete, inst, "e-1", resource.ClassDelete), step(resource.ActionEnsure, inst, "e-1", resource.ClassRecreate),
		step(resource.ActionDelete, inst, "f-1", resource.ClassDelete), step(resource.ActionStart, inst, "g-1", ""),
		step(resource.ActionWait, inst, "h-1", ""), step(resource.ActionEnsure, resource.KindStorageVolume, "data", resource.ClassRecreate),
		step(resource.ActionEnsure, inst, "i-1", resource.ClassRebuild),
	)
	var got []string
	for _, r := range byResource(p) {
		got = append(got, r.ref.Name+" "+r.verb())
	}
	want := []string{"a-1 create", "b-1 update live", "c-1 restart", "d-1 restart", "e-1 recreate", "f-1 remove", "g-1 start", "h-1 wait", "data recreate", "i-1 rebuild"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var out bytes.Buffer
	printPlan(&out, p, []resource.Resolved{{Ref: resource.Ref{Kind: inst, Name: "z-1"}, IncusName: "shop-z-1"}})
	for _, part := range []string{
		"nothing", "shop-z-1", "\n1 to create, 1 to update live, 2 to restart, 1 to rebuild, 2 to recreate, 1 to remove, 1 to start\n",
		"What is in storage-volume shop-data would be lost",
	} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("%q is not in\n%s", part, out.String())
		}
	}
}

func TestDataIsLostOnlyWithConsent(t *testing.T) {
	t.Parallel()
	volume := resource.KindStorageVolume
	if err := lossOf(planOf(step(resource.ActionEnsure, volume, "data", resource.ClassRestart))); err != nil {
		t.Errorf("a volume that keeps its data is refused: %v", err)
	}
	err := lossOf(planOf(step(resource.ActionEnsure, volume, "data", resource.ClassRecreate)))
	if err == nil || !strings.Contains(err.Error(), `"shop-data"`) || !strings.Contains(resource.Hint(err), "--yes") {
		t.Errorf("the refusal is %v (%s)", err, resource.Hint(err))
	}
}

func TestNoSecretReachesAPlanOrADiff(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	fields := []resource.FieldChange{
		{Path: "environment.DB_PASSWORD", Before: secret, After: secret + "!", Sensitive: true, Class: resource.ClassRestart},
		{Path: "environment.BROKER", Before: "amqp://app:" + secret + "@mq/1", After: "amqp://app:" + secret + "@mq/2", Class: resource.ClassRestart},
		{Path: "files.password", Sensitive: true, After: secret, Class: resource.ClassLive},
	}
	st := step(resource.ActionEnsure, resource.KindInstance, "web-1", resource.ClassRestart, fields...)
	st.Change.Reason = "postgres://app:" + secret + "@db changed"
	p := planOf(st)
	p.Observation.Drift = map[resource.Ref]resource.Change{st.Ref: {Ref: st.Ref, Fields: fields}}
	drifts := p.Observation.Drifts(nil, true)
	var out bytes.Buffer
	printPlan(&out, p, nil)
	printDiff(&out, drifts, true)
	if err := printPlanJSON(&out, p, nil); err != nil {
		t.Fatal(err)
	}
	if err := printJSONLines(&out, driftedFields(drifts)); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), secret) {
		t.Errorf("the secret is in\n%s", out.String())
	}
	for _, part := range []string{"environment.DB_PASSWORD", "amqp://app:***@mq/1", "files.password", "(not shown)"} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("%q is not in\n%s", part, out.String())
		}
	}
}
