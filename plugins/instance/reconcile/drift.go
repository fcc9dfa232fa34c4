package reconcile

import (
	"maps"
	"slices"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/spec"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// Record notes in a configuration that is about to be written what icc writes, so that what others change later is found.
func Record(config map[string]string, devices spec.Devices) {
	config[resource.KeyApplied] = sdkincus.Applied(sdkincus.Pick(view(config, devices), sdkincus.OwnedNames(config)))
}

// deviceMark begins the names of devices in spec's list of owned things.
const deviceMark = "@"

// view shows devices among the keys of the configuration.
func view(config map[string]string, devices spec.Devices) map[string]string {
	out := maps.Clone(config)
	for name, dev := range devices {
		out[deviceMark+name] = sdkincus.DeviceText(dev)
	}
	return out
}

// Drift returns what others have changed on the instance since icc wrote it. want is its declared form, nil where nothing
// declares it; it tells what icc wrote as far as the file still says the same.
func Drift(ref resource.Ref, want *spec.Instance, have *api.Instance) (resource.Change, bool) {
	d := sdkincus.Drift{
		Record: have.Config[resource.KeyApplied], Names: sdkincus.OwnedNames(have.Config),
		Current: view(have.Config, spec.Devices(have.Devices)),
	}
	if want != nil {
		d.Want = view(want.Config, want.Devices)
		if d.Record == "" && want.Hash == have.Config[resource.KeyHash] { // from before there were records
			d.Record = sdkincus.Applied(sdkincus.Pick(d.Want, d.Names))
		}
	}
	c := resource.Change{Ref: ref, Class: resource.ClassNone}
	for _, f := range d.Fields() {
		if name, isDevice := strings.CutPrefix(f.Path, deviceMark); isDevice {
			c.Fields = append(c.Fields, deviceDrift(name, f, want, have)...)
		} else if f.Class != resource.ClassNone || !fromImage(f.Path) {
			c.Fields = append(c.Fields, keyDrift(f))
		}
	}
	for _, f := range c.Fields {
		if f.Class != resource.ClassNone {
			c.Class = resource.ClassLive
		}
	}
	return c, len(c.Fields) > 0
}

// fromImage says that Incus adds such keys itself, from the image.
func fromImage(key string) bool {
	return strings.HasPrefix(key, "oci.") || strings.HasPrefix(key, spec.EnvironmentPrefix)
}

func keyDrift(f resource.FieldChange) resource.FieldChange {
	if spec.SensitiveKey(f.Path) || f.Path == initspec.Key || f.Path == spec.KeyPrevious {
		f.Before, f.After, f.Sensitive = "", "", true
	}
	return f
}

// deviceDrift tells which keys of a device differ, or what is there, where it is not known what icc wrote.
func deviceDrift(name string, f resource.FieldChange, want *spec.Instance, have *api.Instance) []resource.FieldChange {
	f.Path = devicePrefix + name
	now, there := have.Devices[name]
	if f.Before == "" || !there {
		return []resource.FieldChange{f}
	}
	var out []resource.FieldChange
	before := want.Devices[name]
	for _, key := range slices.Sorted(maps.Keys(union(before, now))) {
		if before[key] != now[key] {
			out = append(out, resource.FieldChange{Path: f.Path + "." + key, Before: before[key], After: now[key], Class: f.Class})
		}
	}
	return out
}

// Undo returns the instance as Compare has to see it so that drift counts as a difference, although the file says what it
// said before.
func Undo(want *spec.Instance, have *api.Instance) *api.Instance {
	if want == nil || have == nil || want.Hash != have.Config[resource.KeyHash] {
		return have
	}
	if d, _ := Drift(resource.Ref{}, want, have); d.Class == resource.ClassNone {
		return have
	}
	out := *have
	out.Config = maps.Clone(have.Config)
	out.Config[resource.KeyHash] = hashDrifted
	return &out
}

// hashDrifted is nobody's hash.
const hashDrifted = "drifted"
