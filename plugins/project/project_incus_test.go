//go:build incus

package main

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func TestAProjectIsMadeKeptInStepAndRemoved(t *testing.T) {
	d := newDesk(t, "shop")
	cfg := kinds.ProjectConfig{IncusProject: "shop", Files: []string{"/a/compose.yaml", "/a/override.yaml"}, WorkingDir: "/a",
		Config: map[string]string{"limits.instances": "9", "limits.memory": "1GiB"}}
	r := declare(t, resource.KindProject, "shop", cfg)
	if c, result := d.ensure(r); c.Class != resource.ClassCreate || !result.Created {
		t.Errorf("planned %q, created %v", c.Class, result.Created)
	}
	if c, _ := d.ensure(r); c.Class != resource.ClassNone {
		t.Errorf("a second time it would be %s: %+v", c.Class, c.Fields)
	}

	byHand := d.config("shop")
	byHand["user.note"], byHand["limits.containers"] = "mine", "7"
	if err := d.server.UpdateProject("shop", api.ProjectPut{Config: byHand}, ""); err != nil {
		t.Fatal(err)
	}
	drift := d.plan(resource.KindProject, declare(t, resource.KindProject, "shop", cfg)).Drift
	wantDrift := []resource.FieldChange{{Path: "limits.containers", After: "7", Class: resource.ClassNone}, {Path: "user.note", After: "mine", Class: resource.ClassNone}}
	if len(drift) != 1 || cmp.Diff(wantDrift, drift[0].Fields) != "" {
		t.Errorf("the drift is %+v", drift)
	}

	cfg.Config = map[string]string{"limits.instances": "8"}
	c, result := d.ensure(declare(t, resource.KindProject, "shop", cfg))
	want := []resource.FieldChange{
		{Path: "limits.instances", Compose: "x-incus.limits.instances", Before: "9", After: "8", Class: resource.ClassLive},
		{Path: "limits.memory", Compose: "x-incus.limits.memory", Before: "1GiB", Class: resource.ClassLive},
	}
	if diff := cmp.Diff(want, c.Fields); diff != "" || c.Class != resource.ClassLive {
		t.Errorf("%s %s", c.Class, diff)
	}
	got := d.config("shop")
	maps.DeleteFunc(got, func(k, _ string) bool {
		return strings.HasPrefix(k, "features.") || k == resource.KeyVersion || k == resource.KeyOwned || k == resource.KeyApplied
	})
	if diff := cmp.Diff(map[string]string{
		"user.note": "mine", "limits.containers": "7", "limits.instances": "8", resource.KeyProject: "shop", resource.KeyName: "shop",
		resource.KeyFiles: "/a/compose.yaml,/a/override.yaml", resource.KeyWorkingDir: "/a",
	}, got); diff != "" {
		t.Error(diff)
	}
	var out kinds.ProjectOutputs
	if err := json.Unmarshal(result.Outputs, &out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(kinds.ProjectOutputs{IncusProject: "shop", Owned: true, Files: cfg.Files, WorkingDir: "/a"}, out); diff != "" {
		t.Error(diff)
	}

	states := d.plan(resource.KindProject).States
	if len(states) != 1 || states[0].Declared || states[0].Name != "shop" {
		t.Fatalf("without a declaration there is %+v", states)
	}
	if result := d.delete(resource.Resolved{Ref: states[0].Ref, IncusName: states[0].IncusName}); !result.Changed {
		t.Error("deleting changed nothing")
	}
	if result := d.delete(r); result.Changed {
		t.Error("deleting what is gone changed something")
	}
}

func TestAProjectWithDataStays(t *testing.T) {
	d := newDesk(t, "data")
	r := declare(t, resource.KindProject, "data", kinds.ProjectConfig{IncusProject: "data"})
	d.ensure(r)
	inside := d.server.UseProject("data")
	if err := inside.CreateStoragePoolVolume("default", api.StorageVolumesPost{Name: "db", Type: "custom", ContentType: "filesystem"}); err != nil {
		t.Fatal(err)
	}
	result := d.delete(r)
	if result.Changed || len(d.notice.texts) != 1 || !strings.Contains(d.notice.texts[0], "volume db") || !strings.Contains(d.notice.texts[0], "--volumes") {
		t.Errorf("changed %v, said %q", result.Changed, d.notice.texts)
	}
	d.config("data") // it is still there
	if err := inside.DeleteStoragePoolVolume("default", "custom", "db"); err != nil {
		t.Fatal(err)
	}
	if !d.delete(r).Changed {
		t.Error("the empty project was not removed")
	}
}

func TestSomebodyElsesProjectIsLeftAlone(t *testing.T) {
	d := newDesk(t, "theirs")
	before := map[string]string{"features.images": "true", "user.note": "hands off"}
	if err := d.server.CreateProject(api.ProjectsPost{Name: "theirs", ProjectPut: api.ProjectPut{Config: before}}); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.server.DeleteProject("theirs"); err != nil {
			t.Error(err)
		}
	}()
	was := d.config("theirs")
	own := declare(t, resource.KindProject, "theirs", kinds.ProjectConfig{IncusProject: "theirs"})
	plan := d.plan(resource.KindProject, own)
	if len(plan.Diagnostics) != 1 || plan.Diagnostics[0].Severity != resource.SeverityError || !strings.Contains(plan.Diagnostics[0].Hint, "--incus-project theirs") {
		t.Errorf("planning said %+v", plan.Diagnostics)
	}
	if _, err := d.run(own, resource.ActionEnsure, plan); !errors.Is(err, resource.ErrConflict) || resource.Hint(err) == "" {
		t.Errorf("ensuring said %v", err)
	}
	external := declare(t, resource.KindProject, "theirs", kinds.ProjectConfig{IncusProject: "theirs", External: true})
	if c, result := d.ensure(external); c.Class != resource.ClassNone || result.Created {
		t.Errorf("as an external one it would be %s", c.Class)
	}
	for _, r := range []resource.Resolved{own, external} {
		if d.delete(r).Changed {
			t.Error("it was deleted")
		}
	}
	if diff := cmp.Diff(was, d.config("theirs")); diff != "" {
		t.Errorf("it was changed: %s", diff)
	}
	missing := declare(t, resource.KindProject, "theirs", kinds.ProjectConfig{IncusProject: "nowhere", External: true})
	if _, err := d.run(missing, resource.ActionEnsure, nil); !errors.Is(err, resource.ErrNotFound) || resource.Hint(err) == "" {
		t.Errorf("a missing external project gives %v", err)
	}
}

func TestNothingIsMadeAfterTheContextHasEnded(t *testing.T) {
	d := newDesk(t, "late")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := d.Run(ctx, sdk.RunRequest{Action: resource.ActionEnsure, Options: resource.NewOptions(resource.OptionCreate()),
		Resource: declare(t, resource.KindProject, "late", kinds.ProjectConfig{IncusProject: "late"})}, &d.notice)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
