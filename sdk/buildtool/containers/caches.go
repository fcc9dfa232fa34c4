package containers

import (
	"strings"

	"github.com/icc-project/icc/sdk/buildtool"
	"github.com/icc-project/icc/sdk/kinds"
)

// refuse finds caches that the tools cannot use.
func refuse(tool string, c kinds.BuildConfig) error {
	if err := refuseCaches(tool, "cache_from", c.CacheFrom); err != nil {
		return err
	}
	return refuseCaches(tool, "cache_to", c.CacheTo)
}

func refuseCaches(tool, attribute string, list []string) error {
	for _, entry := range list {
		if _, ok := cacheRepository(entry); !ok {
			return buildtool.Cannot(tool, attribute, entry)
		}
	}
	return nil
}

// cacheRepository returns the repository of a cache entry, without the tag that the tools do not want. Only registries
// can hold their cache.
func cacheRepository(entry string) (string, bool) {
	ref, ok := buildtool.CacheReference(entry)
	ref, _, _ = strings.Cut(ref, "@")
	if slash := strings.LastIndexByte(ref, '/'); strings.Contains(ref[slash+1:], ":") {
		ref = ref[:strings.LastIndexByte(ref, ':')]
	}
	return ref, ok && ref != ""
}
