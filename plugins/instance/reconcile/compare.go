package reconcile

import (
	"maps"
	"slices"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// keyBaseImage is where Incus keeps the fingerprint of the image that an instance was made from.
const keyBaseImage = "volatile.base_image"

// Compare says what has to happen so that have becomes want, but for what Keep keeps. An unchanged hash settles it, unless
// icc-init cannot read its orders any more.
func Compare(ref resource.Ref, want *spec.Instance, have *api.Instance) resource.Change {
	c := resource.Change{Ref: ref, Class: resource.ClassNone}
	recorded := have.Config[resource.KeyHash]
	pending := observe.Pending(have)
	switch {
	case recorded == want.Hash && spec.Damaged(have.Config) && !spec.Damaged(want.Config):
		c.Class, c.Reason = resource.ClassRestart, initspec.Key+" was damaged"
		return c
	case recorded == want.Hash && len(pending) > 0:
		for _, path := range pending {
			c.Fields = append(c.Fields, resource.FieldChange{Path: path, Class: resource.ClassRestart})
		}
		c.Class, c.Reason = resource.ClassRestart, waited(c.Fields)
		return c
	case recorded == want.Hash:
		return c
	case recorded == "":
		c.Class, c.Reason = resource.ClassRecreate, "its creation was interrupted"
		return c
	}
	c.Fields = fields(Keep(want, have), have)
	c.Class = resource.ClassLive // at least the recorded hash
	for _, f := range c.Fields {
		c.Class = worse(c.Class, f.Class)
	}
	c.Reason = reason(c.Fields, c.Class)
	if recorded == HashRebuilding {
		c.Class, c.Reason = worse(c.Class, resource.ClassRebuild), "its rebuild was interrupted"
	}
	return c
}

// HashRebuilding is recorded while an instance is made from another image, and after that has failed. It is nobody's hash.
const HashRebuilding = "rebuilding"

// WithoutRebuild returns the change for an instance that cannot be rebuilt, and is made anew instead.
func WithoutRebuild(c resource.Change, why string) resource.Change {
	if c.Class != resource.ClassRebuild {
		return c
	}
	c.Class, c.Reason = resource.ClassRecreate, c.Reason+"; "+why
	c.Fields = slices.Clone(c.Fields)
	for i, f := range c.Fields {
		if f.Class == resource.ClassRebuild {
			c.Fields[i].Class = resource.ClassRecreate
		}
	}
	return c
}

// fields lists the differences, sorted by path.
func fields(want *spec.Instance, have *api.Instance) []resource.FieldChange {
	var out []resource.FieldChange
	if want.Fingerprint != have.Config[keyBaseImage] {
		out = append(out, resource.FieldChange{Path: "image", Class: resource.ClassRebuild,
			Before: short(have.Config[keyBaseImage]), After: short(want.Fingerprint)})
	}
	if have.Type != "" && want.Type != have.Type {
		out = append(out, resource.FieldChange{Path: "type", Class: resource.ClassRecreate, Before: have.Type, After: want.Type})
	}
	if !slices.Equal(want.Profiles, have.Profiles) {
		out = append(out, resource.FieldChange{Path: "profiles", Class: resource.ClassRestart,
			Before: strings.Join(have.Profiles, ","), After: strings.Join(want.Profiles, ",")})
	}
	ownedKeys, ownedDevices := spec.Owned(have.Config)
	before, after := spec.Orders(have.Config), spec.Orders(want.Config)
	out = append(out, orderChanges(after, before)...)
	out = append(out, keyChanges(want, have.Config, ownedKeys, before != nil && after != nil)...)
	d := devices{want: want.Devices, have: spec.Devices(have.Devices), files: want.Files, filled: want.Filled,
		machine: want.Type == "virtual-machine", readOnly: before != nil && before.ReadOnly}
	out = append(out, d.changes(ownedDevices)...)
	slices.SortFunc(out, func(a, b resource.FieldChange) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// keyChanges compares the configurations, but for what the orders of icc-init, if both have it, tell already.
func keyChanges(want *spec.Instance, have map[string]string, owned map[string]bool, supervised bool) []resource.FieldChange {
	class := KeyClass
	if want.Type == "virtual-machine" {
		class = machineClass
	}
	var out []resource.FieldChange
	for _, key := range slices.Sorted(maps.Keys(union(want.Config, owned))) {
		before, after := have[key], want.Config[key] // the server keeps no empty values
		if spec.Bookkeeping(key) || before == after || key == initspec.Key || supervised && inOrders(key) {
			continue
		}
		f := resource.FieldChange{Path: key, Before: before, After: after, Class: class(key)}
		if spec.SensitiveKey(key) {
			f.Before, f.After, f.Sensitive = "", "", true
		}
		out = append(out, f)
	}
	return out
}

// reason names the fields that decide the class.
func reason(fields []resource.FieldChange, class resource.Class) string {
	var names []string
	for _, f := range fields {
		if f.Class == class {
			names = append(names, f.Name())
		}
	}
	return resource.Differing(names)
}

// waited is the reason for a start that has been due for long.
func waited(fields []resource.FieldChange) string {
	var names []string
	for _, f := range fields {
		names = append(names, f.Name())
	}
	return strings.Join(names, ", ") + " waited for a restart"
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
