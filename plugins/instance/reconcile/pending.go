package reconcile

import (
	"maps"
	"slices"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/resource"
)

// Postpone returns what can be written while the instance runs without disturbing it, and the paths of what waits for
// its next start; partly says that not all of it could be written. Devices and images of such a change are left as they
// are, and with them the record of what the instance was made from, so that the next comparison finds them again.
func Postpone(want *spec.Instance, have *api.Instance, change resource.Change) (now *spec.Instance, pending []string, partly bool) {
	written := *want
	now = &written
	now.Config, now.Devices = maps.Clone(want.Config), maps.Clone(want.Devices)
	for _, f := range change.Fields {
		if !Interrupts(f.Class) {
			continue
		}
		pending = append(pending, f.Path)
		name, ofDevice := strings.CutPrefix(f.Path, devicePrefix)
		if !ofDevice && f.Class == resource.ClassRestart && f.Path != "profiles" {
			continue
		}
		partly = true
		if ofDevice {
			keepDevice(now.Devices, spec.Devices(have.Devices), deviceOf(name, want.Devices, have.Devices))
		}
	}
	if partly {
		now.Profiles = have.Profiles
		for _, key := range []string{resource.KeyHash, spec.KeyImageDigest, "security.privileged"} {
			keepKey(now.Config, have.Config, key)
		}
		owned := both(strings.Split(now.Config[resource.KeyOwned], ","), strings.Split(have.Config[resource.KeyOwned], ","))
		now.Config[resource.KeyOwned] = strings.Join(owned, ",")
	}
	return now, both(pending, observe.Pending(have)), partly
}

// deviceOf returns the device that a path below devicePrefix is about; names may have dots.
func deviceOf(at string, want spec.Devices, have map[string]map[string]string) string {
	for name := at; ; name = name[:strings.LastIndex(name, ".")] {
		if want[name] != nil || have[name] != nil || !strings.Contains(name, ".") {
			return name
		}
	}
}

func keepDevice(devices, have spec.Devices, name string) {
	if dev, exists := have[name]; exists {
		devices[name] = dev
	} else {
		delete(devices, name)
	}
}

func keepKey(config, have map[string]string, key string) {
	if value, exists := have[key]; exists {
		config[key] = value
	} else {
		delete(config, key)
	}
}

func both(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
