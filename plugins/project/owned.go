package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// merge returns a configuration with the wanted keys and marks, without those that icc set once and does not want any
// more, and with everything else as it is.
func merge(current, want, marks map[string]string) map[string]string {
	owned := strings.Split(current[resource.KeyOwned], ",")
	next := make(map[string]string)
	for k, v := range current {
		if !slices.Contains(owned, k) && !strings.HasPrefix(k, resource.KeyPrefix) {
			next[k] = v
		}
	}
	maps.Copy(next, want)
	maps.Copy(next, marks)
	next[resource.KeyVersion] = sdk.Version
	if len(want) > 0 {
		next[resource.KeyOwned] = strings.Join(slices.Sorted(maps.Keys(want)), ",")
	}
	return next
}

// differences returns the keys that a write of next would change. icc's version, its list of keys and the record of
// their values are no reason to write, nor is a mark that older versions did not know.
func differences(prefix string, current, next map[string]string) []resource.FieldChange {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(current)), maps.Keys(next))
	slices.Sort(keys)
	var out []resource.FieldChange
	for _, k := range slices.Compact(keys) {
		unknown := k == resource.KeyObject && current[k] == ""
		if current[k] == next[k] || unknown || k == resource.KeyVersion || k == resource.KeyOwned || k == resource.KeyApplied || k == keyOwnedDevices {
			continue
		}
		out = append(out, resource.FieldChange{Path: prefix + k, Before: current[k], After: next[k], Class: resource.ClassLive})
	}
	return out
}

// reason says in a few words what differs.
func reason(fields []resource.FieldChange) string {
	var paths []string
	for _, f := range fields {
		paths = append(paths, strings.TrimPrefix(f.Name(), resource.KeyPrefix))
	}
	return resource.Differing(paths)
}
