package buildtool

import "strings"

// CacheReference returns the image that an entry of cache_from or cache_to names, and whether it names one: other
// caches are "type=local,…" and the like.
func CacheReference(entry string) (string, bool) {
	if !strings.Contains(entry, "=") {
		return entry, entry != ""
	}
	fields := map[string]string{}
	for _, field := range strings.Split(entry, ",") {
		key, value, _ := strings.Cut(field, "=")
		fields[key] = value
	}
	return fields["ref"], fields["type"] == "registry" && fields["ref"] != ""
}
