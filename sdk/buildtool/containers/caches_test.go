package containers

import (
	"errors"
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk/buildtool"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func TestRefuseNamesBuilderAndAttribute(t *testing.T) {
	t.Parallel()
	b := buildtool.New(Tool("podman", 1, nil))
	for attribute, c := range map[string]kinds.BuildConfig{
		"entitlements":              {Entitlements: []string{"network.host"}},
		"no_cache_filter":           {NoCacheFilter: []string{"base"}},
		"privileged":                {Privileged: true},
		"provenance":                {Provenance: "mode=max"},
		"sbom":                      {SBOM: "true"},
		`cache_from "type=gha"`:     {CacheFrom: []string{"type=gha"}},
		`cache_to "type=local,dest`: {CacheTo: []string{"type=local,dest=/x"}},
	} {
		_, err := b.Build(t.Context(), kinds.BuildRequest{Build: c}, resource.Discard{})
		if !errors.Is(err, resource.ErrUnsupported) || !strings.Contains(err.Error(), "builder podman cannot honour build."+attribute) {
			t.Errorf("got %v, want that podman cannot honour build.%s", err, attribute)
		}
		if resource.Hint(err) == "" {
			t.Errorf("%v has no hint", err)
		}
	}
	_, err := b.Build(t.Context(), kinds.BuildRequest{Build: kinds.BuildConfig{Provenance: "false", SBOM: "false", CacheFrom: []string{"reg.lan:5000/app:1", "type=registry,ref=app"}}}, resource.Discard{})
	if errors.Is(err, resource.ErrUnsupported) {
		t.Errorf("what can be honoured was refused: %v", err)
	}
}

func TestCacheRepository(t *testing.T) {
	t.Parallel()
	for entry, want := range map[string]string{
		"app":                                  "app",
		"app:1":                                "app",
		"reg.lan:5000/app":                     "reg.lan:5000/app",
		"reg.lan:5000/app:1":                   "reg.lan:5000/app",
		"app@sha256:12":                        "app",
		"type=registry,ref=reg/app:1,mode=max": "reg/app",
	} {
		if got, ok := cacheRepository(entry); got != want || !ok {
			t.Errorf("cacheRepository(%q) = %q, %v; want %q", entry, got, ok, want)
		}
	}
}
