//go:build incus

package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func TestAVolumeIsMadeOnceAndThenLeftAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := kinds.VolumeConfig{Labels: map[string]string{"tier": "db"}, Incus: map[string]string{"snapshots.expiry": "2d"}}
	first := w.changes(func() {
		if r := w.mustEnsure("data", c); !r.Created || !r.Changed {
			t.Errorf("first run: %+v", r)
		}
	})
	if len(first) == 0 {
		t.Fatal("the event stream shows nothing, so it proves nothing below")
	}
	v := w.volume("shop_data")
	for key, want := range map[string]string{
		resource.KeyProject: "shop", resource.KeyName: "data", resource.KeyVersion: sdk.Version,
		"user.label.tier": "db", "snapshots.expiry": "2d", keyShifted: "true",
	} {
		if v.Config[key] != want {
			t.Errorf("%s is %q, want %q", key, v.Config[key], want)
		}
	}
	r := w.resolve("data", c)
	again := w.changes(func() {
		p := w.plan(r)
		if p.Changes[0].Class != resource.ClassNone || !p.States[0].Exists {
			t.Errorf("second plan: %+v, %+v", p.Changes[0], p.States[0])
		}
		for _, change := range []resource.Change{p.Changes[0], {}} {
			got, err := w.p.Run(t.Context(), sdk.RunRequest{
				Resource: r, Action: resource.ActionEnsure, Change: change, State: p.States[0], Options: resource.Options{Create: true},
			}, resource.Discard{})
			if err != nil || got.Changed || got.Created || string(got.Outputs) != string(p.States[0].Outputs) {
				t.Errorf("second run: %+v, %v", got, err)
			}
		}
	})
	if len(again) > 0 {
		t.Errorf("doing nothing wrote to the server: %v", again)
	}
}

func TestChangesAreAppliedInPlaceAndForeignKeysSurvive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustEnsure("data", kinds.VolumeConfig{Labels: map[string]string{"a": "1", "b": "1"}, Incus: map[string]string{"snapshots.expiry": "2d"}})
	w.host.Output(t, "incus", "storage", "volume", "set", "default", "shop_data", "user.mine=kept", "--project", w.project)
	w.instance("user", "busybox:1", nil, map[string]string{"/data": "shop_data"})
	w.start("user")
	w.in("user", "0", "echo precious > /data/file")

	r := w.mustEnsure("data", kinds.VolumeConfig{Labels: map[string]string{"a": "2"}})
	if r.Created || !r.Changed {
		t.Errorf("got %+v", r)
	}
	config := w.volume("shop_data").Config
	if config["user.label.a"] != "2" || config["user.mine"] != "kept" {
		t.Errorf("wrong values: %v", config)
	}
	for _, gone := range []string{"user.label.b", "snapshots.expiry"} {
		if _, there := config[gone]; there {
			t.Errorf("%s is still there", gone)
		}
	}
	if got := w.in("user", "0", "cat /data/file"); got != "precious" {
		t.Errorf("the data is %q", got)
	}
}

func TestDeletingIsForOwnUnusedVolumesAndMayBeRepeated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustEnsure("data", kinds.VolumeConfig{})
	w.instance("user", "busybox:1", nil, map[string]string{"/data": "shop_data"})

	_, err := w.delete("data")
	if !errors.Is(err, resource.ErrConflict) || !strings.Contains(err.Error(), "user") || resource.Hint(err) == "" {
		t.Errorf("in use: want ErrConflict that names the instance, got %v", err)
	}
	w.host.Output(t, "incus", "delete", "user", "--project", w.project)
	r := w.resolve("data", kinds.VolumeConfig{})
	state := w.plan(r).States[0]
	for _, wantChange := range []bool{true, false} {
		got, err := w.p.Run(t.Context(), sdk.RunRequest{Resource: r, Action: resource.ActionDelete, State: state}, resource.Discard{})
		if err != nil || got.Changed != wantChange {
			t.Errorf("deleting: %+v, %v", got, err)
		}
	}
	if w.exists("shop_data") {
		t.Error("it is still there")
	}
}

func TestVolumesOfOthersAreNeverTouched(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.host.Output(t, "incus", "storage", "volume", "create", "default", "theirs", "--project", w.project)
	before := w.volume("theirs").Config
	for _, c := range []kinds.VolumeConfig{
		{Name: "theirs", External: true, Labels: map[string]string{"a": "1"}},
		{Name: "theirs", Labels: map[string]string{"a": "1"}},
	} {
		r := w.mustEnsure("v", c)
		var o kinds.VolumeOutputs
		if err := json.Unmarshal(r.Outputs, &o); err != nil || !o.External || r.Changed {
			t.Errorf("%+v, %s, %v", r, r.Outputs, err)
		}
		resolved := w.resolve("v", c)
		for _, state := range []resource.State{w.plan(resolved).States[0], {}} {
			if _, err := w.p.Run(t.Context(), sdk.RunRequest{Resource: resolved, Action: resource.ActionDelete, State: state}, resource.Discard{}); err != nil {
				t.Errorf("deleting what is not ours should do nothing, got %v", err)
			}
		}
	}
	after := w.volume("theirs").Config
	if after["user.label.a"] != "" || len(after) != len(before) {
		t.Errorf("it was changed from %v to %v", before, after)
	}
}

func TestAMissingExternalVolumeIsReportedBeforeAndWhileRunning(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.resolve("backup", kinds.VolumeConfig{External: true})
	p := w.plan(r)
	if len(p.Diagnostics) != 1 || p.Diagnostics[0].Severity != resource.SeverityError || !strings.Contains(p.Diagnostics[0].Hint, "--incus-project") {
		t.Errorf("want an error that says how to make it, got %+v", p.Diagnostics)
	}
	_, err := w.ensure("backup", kinds.VolumeConfig{External: true})
	if !errors.Is(err, resource.ErrNotFound) || resource.Hint(err) == "" {
		t.Errorf("want ErrNotFound with a hint, got %v", err)
	}
	if w.exists("backup") {
		t.Error("it was made")
	}
}

func TestWhatIsLeftOverIsFoundWithoutDeclarations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustEnsure("data", kinds.VolumeConfig{})
	w.mustEnsure("files", kinds.VolumeConfig{Files: []kinds.VolumeFile{{Path: "a/b", Content: []byte("x"), Mode: 0o444}}})
	w.host.Output(t, "incus", "storage", "volume", "create", "default", "theirs", "--project", w.project)

	persistent := map[string]bool{}
	for _, s := range w.plan().States {
		if s.Declared || !s.Exists {
			t.Errorf("%+v", s)
		}
		persistent[s.Name] = s.Persistent
	}
	if len(persistent) != 2 || !persistent["data"] || persistent["files"] {
		t.Errorf("want data, which is persistent, and files, which is not; got %v", persistent)
	}
	declared := w.resolve("data", kinds.VolumeConfig{})
	if states := w.plan(declared).States; len(states) != 2 || states[0].Name != "data" || !states[0].Declared || states[1].Name != "files" {
		t.Errorf("%+v", states)
	}
	if _, err := w.delete("files"); err != nil || w.exists("shop_files") {
		t.Errorf("deleting an orphan: %v", err)
	}
}

func TestNothingExistsInAnIncusProjectThatDoesNotExist(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.settings
	s.IncusProject = "there-is-none"
	p := configured(t, s)
	r := w.resolve("data", kinds.VolumeConfig{})
	for _, rs := range [][]resource.Resolved{nil, {r}} {
		got, err := p.Plan(t.Context(), sdk.PlanRequest{Kind: resource.KindStorageVolume, Resolved: rs})
		if err != nil || len(got.States) != len(rs) || (len(rs) == 1 && got.Changes[0].Class != resource.ClassCreate) {
			t.Errorf("%d declared: %+v, %v", len(rs), got, err)
		}
	}
	if _, err := p.Run(t.Context(), sdk.RunRequest{Resource: r, Action: resource.ActionDelete}, resource.Discard{}); err != nil {
		t.Errorf("deleting: %v", err)
	}
}

func TestAMissingPoolIsNamedTogetherWithTheExistingOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.resolve("data", kinds.VolumeConfig{Pool: "fast"})
	creating := resource.Options{Create: true}
	_, planErr := w.p.Plan(t.Context(), sdk.PlanRequest{Kind: resource.KindStorageVolume, Resolved: []resource.Resolved{r}, Options: creating})
	_, runErr := w.p.Run(t.Context(), sdk.RunRequest{Resource: r, Action: resource.ActionEnsure, Options: creating}, resource.Discard{})
	for _, err := range []error{planErr, runErr} {
		if !errors.Is(err, resource.ErrNotFound) || !strings.Contains(err.Error(), `"fast"`) || !strings.Contains(resource.Hint(err), "default") {
			t.Errorf("got %v (%s)", err, resource.Hint(err))
		}
	}
}

func TestOddNamesGetVolumesOfTheirOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	keys := []string{"web-1:/var/lib/data", "web-1:/var/lib_data", "Ünïcode", strings.Repeat("long", 40), "a", "UPPER", "upper", "seed:abcdef"}
	names := map[string]bool{}
	for _, key := range keys {
		r := w.mustEnsure(key, kinds.VolumeConfig{})
		var o kinds.VolumeOutputs
		if err := json.Unmarshal(r.Outputs, &o); err != nil || !r.Created || names[o.IncusName] {
			t.Errorf("%s: %s, %v", key, r.Outputs, err)
		}
		names[o.IncusName] = true
		if got := w.volume(o.IncusName).Config[resource.KeyName]; got != key {
			t.Errorf("%q is recorded as %q", key, got)
		}
	}
	if states := w.plan().States; len(states) != len(keys) {
		t.Errorf("%d volumes found again of %d", len(states), len(keys))
	}
}

func TestTwoRunsAtOnceMakeOneVolume(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.resolve("data", kinds.VolumeConfig{})
	created := make(chan bool, 8)
	var wg sync.WaitGroup
	for range cap(created) {
		wg.Go(func() {
			got, err := w.p.Run(t.Context(), sdk.RunRequest{
				Resource: r, Action: resource.ActionEnsure, Change: resource.Change{Class: resource.ClassCreate}, Options: resource.Options{Create: true},
			}, resource.Discard{})
			if err != nil {
				t.Errorf("ensuring: %v", err)
				return
			}
			created <- got.Created
		})
	}
	wg.Wait()
	close(created)
	n := 0
	for c := range created {
		if c {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d runs say they made it", n)
	}
}

func TestASeedFillsANewVolumeOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, "sub", "deep"), 0o750))
	must(t, os.WriteFile(filepath.Join(dir, "sub", "file"), []byte("content"), 0o640))
	must(t, os.Chmod(filepath.Join(dir, "sub", "file"), 0o640))
	must(t, os.Chown(filepath.Join(dir, "sub", "file"), 70, 71))
	must(t, os.Symlink("sub/file", filepath.Join(dir, "link")))

	w.mustEnsure("data", kinds.VolumeConfig{Seed: dir})
	w.instance("user", "busybox:1", nil, map[string]string{"/data": "shop_data"})
	w.start("user")
	if got := w.in("user", "0", "stat -c '%u:%g %a' /data/sub/file; cat /data/link; readlink /data/link; stat -c %a /data/sub/deep"); got != "70:71 640\ncontentsub/file\n750" {
		t.Errorf("got %q", got)
	}
	w.in("user", "0", "echo changed > /data/sub/file")
	if r := w.mustEnsure("data", kinds.VolumeConfig{Seed: dir}); r.Changed {
		t.Error("it was filled again")
	}
	if got := w.in("user", "0", "cat /data/sub/file"); got != "changed" {
		t.Errorf("data was overwritten: %q", got)
	}
}

func TestAFailedSeedLeavesNoVolume(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.ensure("data", kinds.VolumeConfig{Seed: "/does/not/exist"})
	if !errors.Is(err, resource.ErrNotFound) || w.exists("shop_data") {
		t.Errorf("want ErrNotFound and no volume, got %v", err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	dir := t.TempDir()
	for i := range 400 {
		must(t, os.WriteFile(filepath.Join(dir, strings.Repeat("x", i%200+1)+string(rune('a'+i/200))), make([]byte, 1<<16), 0o600))
	}
	r := w.resolve("data", kinds.VolumeConfig{Seed: dir})
	_, err = w.p.Run(ctx, sdk.RunRequest{Resource: r, Action: resource.ActionEnsure, Options: resource.Options{Create: true}}, cancelAtProgress(cancel))
	if !errors.Is(err, context.Canceled) || w.exists("shop_data") {
		t.Errorf("want a cancellation that leaves no volume, got %v, exists %v", err, w.exists("shop_data"))
	}
}

// cancelAtProgress is a sink that cancels with the first sign of progress.
func cancelAtProgress(cancel func()) resource.Sink { return cancelling{cancel: cancel} }

type cancelling struct {
	resource.Discard
	cancel func()
}

func (c cancelling) Progress(resource.Progress) { c.cancel() }

func TestAnInterruptedCreationIsCompleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := kinds.VolumeConfig{Files: []kinds.VolumeFile{{Path: "a/b", Content: []byte("x"), Mode: 0o444}}}
	// What a plugin leaves behind that was killed right after it had made the volume:
	v := volumeOf(t, "files", c)
	config := v.wanted()
	config[keyIncomplete] = "true"
	must(t, w.server.CreateStoragePoolVolume("default", api.StorageVolumesPost{
		Name: "shop_files", Type: volumeType, StorageVolumePut: api.StorageVolumePut{Config: config},
	}))
	if p := w.plan(w.resolve("files", c)); p.Changes[0].Class != resource.ClassLive {
		t.Errorf("the plan overlooks it: %+v", p.Changes[0])
	}
	w.mustEnsure("files", c)
	if p := w.plan(w.resolve("files", c)); p.Changes[0].Class != resource.ClassNone {
		t.Errorf("it is still not complete: %+v", p.Changes[0])
	}
	if got := w.host.Output(t, "incus", "storage", "volume", "file", "pull", "default", "shop_files/a/b", "-", "--project", w.project); got != "x" {
		t.Errorf("the file has %q", got)
	}
}

func TestACancelledCallMakesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := w.p.Run(ctx, sdk.RunRequest{Resource: w.resolve("data", kinds.VolumeConfig{}), Action: resource.ActionEnsure, Options: resource.Options{Create: true}}, resource.Discard{})
	if !errors.Is(err, resource.ErrAborted) || w.exists("shop_data") {
		t.Errorf("got %v", err)
	}
}

func TestPlanningAsksOneQuestionForEachPool(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustEnsure("v0", kinds.VolumeConfig{})
	var rs []resource.Resolved
	for _, key := range []string{"v0", "v1", "v2", "v3"} {
		rs = append(rs, w.resolve(key, kinds.VolumeConfig{}))
	}
	requests := w.host.Requests(t)
	settings := w.settings
	settings.IncusSocket = requests.Socket
	p := configured(t, settings)
	_, err := p.Plan(t.Context(), sdk.PlanRequest{Kind: resource.KindStorageVolume, Resolved: rs})
	must(t, err)
	asked := requests.Since()
	snapshot, err := w.p.Look(t.Context(), resource.KindStorageVolume)
	must(t, err)
	got, err := p.Plan(t.Context(), sdk.PlanRequest{Kind: resource.KindStorageVolume, Resolved: rs, Snapshot: snapshot})
	if err != nil || got.Changes[0].Class != resource.ClassNone || got.Changes[1].Class != resource.ClassCreate {
		t.Errorf("from an earlier look: %+v, %v", got, err)
	}
	if again := requests.Since(); len(again) > 0 {
		t.Errorf("asked again: %v", again)
	}
	if !slices.Equal(asked, []string{"GET /1.0/storage-pools/default/volumes"}) && !slices.Equal(asked, []string{"GET /1.0/storage-pools/default/volumes/custom"}) {
		t.Errorf("asked %v", asked)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
