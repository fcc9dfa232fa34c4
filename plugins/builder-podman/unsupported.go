package main

import (
	"fmt"
	"strings"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// unsupported returns the attributes of Compose's build section that podman has nothing for.
func unsupported() []string {
	return []string{"entitlements", "no_cache_filter", "privileged", "provenance", "sbom"}
}

// refuse names the first attribute that cannot be honoured, before anything runs.
func refuse(c kinds.BuildConfig) error {
	wanted := map[string]bool{
		"entitlements":    len(c.Entitlements) > 0,
		"no_cache_filter": len(c.NoCacheFilter) > 0,
		"privileged":      c.Privileged,
		"provenance":      on(c.Provenance),
		"sbom":            on(c.SBOM),
	}
	for _, attribute := range unsupported() {
		if wanted[attribute] {
			return cannot(attribute, "")
		}
	}
	if err := refuseCaches("cache_from", c.CacheFrom); err != nil {
		return err
	}
	return refuseCaches("cache_to", c.CacheTo)
}

func refuseCaches(attribute string, list []string) error {
	for _, entry := range list {
		if _, ok := cacheRepository(entry); !ok {
			return cannot(attribute, entry)
		}
	}
	return nil
}

func cannot(attribute, value string) error {
	text := fmt.Sprintf("builder %s cannot honour build.%s", toolName, attribute)
	if value != "" {
		text += fmt.Sprintf(" %q", value)
	}
	return resource.ErrUnsupported.WithText(text).WithHint("remove it, or choose another builder with --builder")
}

// on says whether an attestation is wanted: "false" and "" switch it off.
func on(value string) bool {
	return value != "" && value != "false" && !strings.Contains(value, "disabled=true")
}

// cacheRepository returns the repository of a cache entry, without the tag that podman does not want. Only registries
// can hold podman's cache.
func cacheRepository(entry string) (string, bool) {
	ref := entry
	if strings.Contains(entry, "=") {
		fields := map[string]string{}
		for _, field := range strings.Split(entry, ",") {
			key, value, _ := strings.Cut(field, "=")
			fields[key] = value
		}
		if fields["type"] != "registry" || fields["ref"] == "" {
			return "", false
		}
		ref = fields["ref"]
	}
	ref, _, _ = strings.Cut(ref, "@")
	if slash := strings.LastIndexByte(ref, '/'); strings.Contains(ref[slash+1:], ":") {
		ref = ref[:strings.LastIndexByte(ref, ':')]
	}
	return ref, ref != ""
}
