package incus

import (
	"maps"
	"slices"
	"strings"

	"github.com/icc-project/icc/sdk/resource"
)

// Drift compares what icc wrote on an object with what is there now.
type Drift struct {
	// Record is the object's resource.KeyApplied, and Names are what it was made for.
	Record string
	Names  []string
	// Current is what is there, of Names and of others.
	Current map[string]string
	// Want is what the declaration asks for now. Where it is what icc wrote it tells the value from before.
	Want map[string]string
}

// Fields returns the differences, those on names of icc's first. Others, which somebody has added, are of class none; what
// the server itself and icc's own accounts add is left out. What is as the declaration wants it by now is no difference.
func (d Drift) Fields() []resource.FieldChange {
	differ, known := Drifted(d.Record, d.Names, d.Current)
	if !known {
		return nil
	}
	var out []resource.FieldChange
	for _, name := range differ {
		now, want := d.Current[name], d.Want[name]
		if want == now && want != "" {
			continue
		}
		f := resource.FieldChange{Path: name, After: now, Class: resource.ClassLive}
		if AsApplied(d.Record, d.Names, name, want) {
			f.Before = want
		}
		out = append(out, f)
	}
	for _, name := range slices.Sorted(maps.Keys(d.Current)) {
		if !slices.Contains(d.Names, name) && !automatic(name) {
			out = append(out, resource.FieldChange{Path: name, After: d.Current[name], Class: resource.ClassNone})
		}
	}
	return out
}

// automatic says that a key comes from the server or from icc, not from a person.
func automatic(key string) bool {
	for _, prefix := range []string{"volatile.", "image.", "initial.", resource.KeyPrefix, resource.HealthKeyPrefix} {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}

// OwnedNames returns the names in an object's resource.KeyOwned, but for those that icc rewrites without a reason.
func OwnedNames(config map[string]string) []string {
	return slices.DeleteFunc(strings.Split(config[resource.KeyOwned], ","), func(name string) bool {
		switch name {
		case "", resource.KeyOwned, resource.KeyApplied, resource.KeyVersion, resource.KeyHash:
			return true
		}
		return false
	})
}

// Pick returns the entries of a configuration that have one of the names; those that are missing are empty.
func Pick(config map[string]string, names []string) map[string]string {
	out := make(map[string]string, len(names))
	for _, name := range names {
		out[name] = config[name]
	}
	return out
}

// DeviceText returns a device as one value, "type=disk path=/data", its type first.
func DeviceText(device map[string]string) string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(device)) {
		if key != "type" {
			parts = append(parts, key+"="+device[key])
		}
	}
	return strings.Join(append([]string{"type=" + device["type"]}, parts...), " ")
}

// Change returns the drift as a plugin reports it, and whether there is any.
func (d Drift) Change(ref resource.Ref) (resource.Change, bool) {
	c := resource.Change{Ref: ref, Class: resource.ClassNone, Fields: d.Fields()}
	if len(c.Fields) > 0 {
		c.Class = c.Fields[0].Class // icc's own come first
	}
	return c, len(c.Fields) > 0
}
