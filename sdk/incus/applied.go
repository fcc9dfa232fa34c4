package incus

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"slices"
	"strings"
)

// Applied returns short hashes of values as icc writes them, for resource.KeyApplied: one for the names and one for each
// value, in the order of the names. Only hashes are kept: values may be secret, and the listing of many objects has to
// stay small. Whoever reads it back knows the names from resource.KeyOwned.
func Applied(values map[string]string) string {
	names := slices.Sorted(maps.Keys(values))
	var b strings.Builder
	b.WriteString(brief(strings.Join(names, ",")))
	for _, name := range names {
		b.WriteString(brief(values[name]))
	}
	return b.String()
}

// Drifted returns which of the values, and what is missing of them, differ from what was recorded, and whether that can
// be told: names have to be those that the record was made for.
func Drifted(record string, names []string, current map[string]string) (differ []string, known bool) {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	if len(record) != (len(names)+1)*briefLen || record[:briefLen] != brief(strings.Join(names, ",")) {
		return nil, false
	}
	for i, name := range names {
		if record[(i+1)*briefLen:(i+2)*briefLen] != brief(current[name]) {
			differ = append(differ, name)
		}
	}
	return differ, true
}

// AsApplied says whether value is the one that was recorded for name.
func AsApplied(record string, names []string, name, value string) bool {
	differ, known := Drifted(record, names, map[string]string{name: value})
	return known && !slices.Contains(differ, name)
}

// briefLen is the length of a short hash: 36 bits, enough to tell two values of one key apart.
const briefLen = 6

func brief(value string) string {
	sum := sha256.Sum256([]byte(value))
	return base64.RawURLEncoding.EncodeToString(sum[:])[:briefLen]
}
