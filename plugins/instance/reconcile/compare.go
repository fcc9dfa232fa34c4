package reconcile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// keyBaseImage is where Incus keeps the fingerprint of the image that an instance was made from.
const keyBaseImage = "volatile.base_image"

// Compare says what has to happen so that have becomes want. An unchanged hash settles it: what a person changed by
// hand since is theirs to keep, unless icc-init cannot read its orders any more.
func Compare(ref resource.Ref, want *spec.Instance, have *api.Instance) resource.Change {
	c := resource.Change{Ref: ref, Class: resource.ClassNone}
	recorded := have.Config[resource.KeyHash]
	switch {
	case recorded == want.Hash && spec.Damaged(have.Config) && !spec.Damaged(want.Config):
		c.Class, c.Reason = resource.ClassRestart, initspec.Key+" was damaged"
		return c
	case recorded == want.Hash:
		return c
	case recorded == "":
		c.Class, c.Reason = resource.ClassRecreate, "its creation was interrupted"
		return c
	}
	c.Fields = fields(want, have)
	c.Class = resource.ClassLive // at least the recorded hash
	for _, f := range c.Fields {
		c.Class = worse(c.Class, f.Class)
	}
	c.Reason = reason(c.Fields, c.Class)
	return c
}

// fields lists the differences, sorted by path.
func fields(want *spec.Instance, have *api.Instance) []resource.FieldChange {
	var out []resource.FieldChange
	if want.Fingerprint != have.Config[keyBaseImage] {
		out = append(out, resource.FieldChange{Path: "image", Class: resource.ClassRecreate,
			Before: short(have.Config[keyBaseImage]), After: short(want.Fingerprint)})
	}
	if !slices.Equal(want.Profiles, have.Profiles) {
		out = append(out, resource.FieldChange{Path: "profiles", Class: resource.ClassRecreate,
			Before: strings.Join(have.Profiles, ","), After: strings.Join(want.Profiles, ",")})
	}
	ownedKeys, ownedDevices := spec.Owned(have.Config)
	before, after := spec.Orders(have.Config), spec.Orders(want.Config)
	out = append(out, orderChanges(after, before)...)
	out = append(out, keyChanges(want.Config, have.Config, ownedKeys, before != nil && after != nil)...)
	out = append(out, deviceChanges(want.Devices, spec.Devices(have.Devices), ownedDevices)...)
	slices.SortFunc(out, func(a, b resource.FieldChange) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// keyChanges compares the configurations, but for what the orders of icc-init, if both have it, tell already.
func keyChanges(want, have map[string]string, owned map[string]bool, supervised bool) []resource.FieldChange {
	var out []resource.FieldChange
	for _, key := range slices.Sorted(maps.Keys(union(want, owned))) {
		before, after := have[key], want[key] // the server keeps no empty values
		if spec.Bookkeeping(key) || before == after || key == initspec.Key || supervised && inOrders(key) {
			continue
		}
		f := resource.FieldChange{Path: key, Before: before, After: after, Class: KeyClass(key)}
		if supervised && spec.HealthKey(key) {
			f.Class = resource.ClassRestart // icc-init reads the test when it starts
		}
		if spec.SensitiveKey(key) {
			f.Before, f.After, f.Sensitive = "", "", true
		}
		out = append(out, f)
	}
	return out
}

func deviceChanges(want, have spec.Devices, owned map[string]bool) []resource.FieldChange {
	var out []resource.FieldChange
	for _, name := range slices.Sorted(maps.Keys(union(want, owned))) {
		before, had := have[name]
		after, wanted := want[name]
		path := "devices." + name
		switch {
		case !had && wanted:
			out = append(out, resource.FieldChange{Path: path, After: describe(after), Class: DeviceClass(name, after["type"], "")})
		case had && !wanted:
			out = append(out, resource.FieldChange{Path: path, Before: describe(before), Class: DeviceClass(name, before["type"], "")})
		case had && wanted:
			for _, key := range slices.Sorted(maps.Keys(union(before, after))) {
				if before[key] != after[key] {
					out = append(out, resource.FieldChange{Path: path + "." + key, Before: before[key], After: after[key],
						Class: DeviceClass(name, after["type"], key)})
				}
			}
		}
	}
	return out
}

// describe names what a device connects.
func describe(dev map[string]string) string {
	switch dev["type"] {
	case "proxy":
		return dev["listen"] + " -> " + dev["connect"]
	case "nic":
		return dev["network"] + dev["parent"]
	case "disk":
		return strings.TrimSpace(dev["source"] + " at " + dev["path"])
	}
	return dev["type"]
}

// reason names the fields that decide the class.
func reason(fields []resource.FieldChange, class resource.Class) string {
	const most = 3
	var paths []string
	for _, f := range fields {
		if f.Class == class {
			paths = append(paths, f.Path)
		}
	}
	switch {
	case len(paths) == 0:
		return "the recorded configuration is out of date"
	case len(paths) > most:
		return fmt.Sprintf("%s and %d more changed", strings.Join(paths[:most], ", "), len(paths)-most)
	}
	return strings.Join(paths, ", ") + " changed"
}

func short(fingerprint string) string { return fingerprint[:min(len(fingerprint), 12)] }

// union returns the keys of both maps.
func union[A, B any](a map[string]A, b map[string]B) map[string]bool {
	keys := make(map[string]bool, len(a)+len(b))
	for k := range a {
		keys[k] = true
	}
	for k := range b {
		keys[k] = true
	}
	return keys
}
