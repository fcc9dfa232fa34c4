package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/lxc/incus/v6/shared/api"
	"pgregory.net/rapid"

	"github.com/icc-project/icc/sdk/resource"
)

func TestMergeKeepsWhatOthersSet(t *testing.T) {
	t.Parallel()
	keys := rapid.SampledFrom([]string{"limits.cpu", "limits.memory", "restricted", "user.note", "features.images"})
	configs := rapid.MapOf(keys, rapid.StringMatching(`[a-c]{1}`))
	marks := map[string]string{resource.KeyProject: "shop"}
	rapid.Check(t, func(t *rapid.T) {
		byHand, first, second := configs.Draw(t, "by hand"), configs.Draw(t, "first"), configs.Draw(t, "second")
		made := merge(merge(byHand, first, marks), second, marks)
		for k, v := range byHand {
			_, once := first[k]
			if _, wanted := second[k]; !once && !wanted && made[k] != v {
				t.Fatalf("%s was %q by hand and is %q", k, v, made[k])
			}
		}
		for k, v := range second {
			if made[k] != v {
				t.Fatalf("%s is %q, want %q", k, made[k], v)
			}
		}
		for k := range first {
			if _, wanted := second[k]; !wanted && made[k] != "" {
				t.Fatalf("%s is still there, though icc set it and does not want it any more", k)
			}
		}
		if d := differences("", made, merge(made, second, marks)); d != nil {
			t.Fatalf("writing it again would change %+v", d)
		}
	})
}

func TestDifferencesNameTheKey(t *testing.T) {
	t.Parallel()
	got := differences("config.",
		map[string]string{"a": "1", "b": "1", resource.KeyVersion: "0.1", resource.KeyOwned: "a"},
		map[string]string{"a": "1", "b": "2", "c": "3", resource.KeyVersion: "0.2", resource.KeyOwned: "a,c", resource.KeyObject: "o"})
	want := []resource.FieldChange{
		{Path: "config.b", Before: "1", After: "2", Class: resource.ClassLive},
		{Path: "config.c", After: "3", Class: resource.ClassLive},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestContentsNamesWhatKeepsAProject(t *testing.T) {
	t.Parallel()
	p := &api.Project{UsedBy: []string{
		"/1.0/profiles/default?project=shop", "/1.0/profiles/web?project=shop", "/1.0/instances/shop-web-1?project=shop",
		"/1.0/storage-pools/default/volumes/custom/data?project=shop",
	}}
	if diff := cmp.Diff([]string{"instance shop-web-1", "profile web", "volume data"}, contents(p, "icc-lock-shop-me")); diff != "" {
		t.Error(diff)
	}
}

func TestStaysIsBrief(t *testing.T) {
	t.Parallel()
	got := stays("shop", []string{"instance a", "instance b", "instance c", "instance d"})
	if want := "Incus project shop stays, because it holds instance a, instance b, instance c and 1 more"; got != want {
		t.Errorf("got %q", got)
	}
}
