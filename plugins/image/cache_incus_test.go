//go:build incus

package main

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// call asks the plugin one of its verbs.
func (b *bed) call(verb string, request any) []kinds.CachedImage {
	b.t.Helper()
	raw, err := json.Marshal(request)
	if err == nil {
		raw, err = b.Call(b.t.Context(), sdk.CallRequest{Verb: verb, Request: raw})
	}
	if err != nil {
		b.t.Fatalf("%s: %v", verb, err)
	}
	var out []kinds.CachedImage
	if err := json.Unmarshal(raw, &out); err != nil {
		b.t.Fatal(err)
	}
	return out
}

func TestPruneRemovesWhatNobodyUses(t *testing.T) {
	b := newBed(t, "shop")
	base := pulled(t, "library/busybox:1")
	pushed(t, "test/used:1", withLayer(t, base))
	pushed(t, "test/theirs:1", withLayer(t, base))
	pushed(t, "test/elsewhere:1", withLayer(t, base))
	fingerprints := map[string]string{}
	pushed(t, "test/before:1", withLayer(t, base))
	for _, name := range []string{"test/used:1", "test/theirs:1", "test/elsewhere:1", "test/before:1", "busybox:1"} {
		out, _ := b.mustEnsure(kinds.ImageConfig{Reference: name}, resource.Options{})
		fingerprints[name] = out.Fingerprint
	}
	b.start("used-1", fingerprints["test/used:1"], map[string]string{
		resource.KeyProject: "shop", kinds.KeyInstanceImage: "docker.io/test/used:1", kinds.KeyInstanceDigest: "sha256:1",
		"user.icc.previous.config": `{"image":"` + fingerprints["test/before:1"] + `"}`,
	})
	b.startElsewhere("elsewhere", fingerprints["test/elsewhere:1"])
	if err := b.server.CreateImageAlias(api.ImageAliasesPost{ImageAliasesEntry: api.ImageAliasesEntry{
		Name: "mine", ImageAliasesEntryPut: api.ImageAliasesEntryPut{Target: fingerprints["test/theirs:1"]}}}); err != nil {
		t.Fatal(err)
	}

	list := b.call(kinds.CallCache, kinds.CacheRequest{AllProjects: true})
	var all []string
	for _, c := range list {
		all = append(all, c.Fingerprint)
		if c.Fingerprint != fingerprints["test/used:1"] {
			continue
		}
		want := kinds.ImageUser{Instance: "used-1", IncusProject: "default", Project: "shop", Reference: "docker.io/test/used:1", Digest: "sha256:1"}
		if len(c.Users) != 1 || c.Users[0] != want || len(c.Names) != 1 || c.Names[0].Reference != "docker.io/test/used:1" || c.Size == 0 {
			t.Errorf("the used image is listed as %+v", c)
		}
	}
	if len(list) != len(fingerprints) {
		t.Errorf("%d images are listed: %+v", len(list), list)
	}

	if gone := b.call(kinds.CallPrune, kinds.PruneRequest{}); len(gone) != 0 {
		t.Errorf("without being asked for, it removed %+v", gone)
	}
	if gone := b.call(kinds.CallPrune, kinds.PruneRequest{Fingerprints: all}); len(gone) != 0 {
		t.Errorf("it removed what an up may have fetched just now: %+v", gone)
	}
	b.now = func() time.Time { return time.Now().Add(freshTime + time.Minute) }
	gone := b.call(kinds.CallPrune, kinds.PruneRequest{Fingerprints: all})
	if len(gone) != 1 || gone[0].Fingerprint != fingerprints["busybox:1"] {
		t.Errorf("it removed %+v, want busybox alone", gone)
	}
	left := b.images()
	delete(fingerprints, "busybox:1")
	for name, fingerprint := range fingerprints {
		if !slices.Contains(left, fingerprint) {
			t.Errorf("%s is gone", name)
		}
	}
}

// startElsewhere makes an instance in another Incus project that shares the images of this one.
func (b *bed) startElsewhere(project, fingerprint string) {
	b.t.Helper()
	if err := b.server.CreateProject(api.ProjectsPost{Name: project, ProjectPut: api.ProjectPut{
		Config: map[string]string{"features.images": "false", "features.profiles": "false"}}}); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		if err := b.server.DeleteProject(project); err != nil {
			b.t.Error(err)
		}
	})
	other := *b
	other.server = b.server.UseProject(project)
	other.start("elsewhere-1", fingerprint, nil)
}
