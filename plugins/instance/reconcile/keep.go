package reconcile

import (
	"maps"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/spec"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// Keep returns what is wanted together with what a person has changed by hand in it: that stays until the declaration
// asks for something else than it did when icc wrote it. What is icc's own accounts is not for people to change.
func Keep(want *spec.Instance, have *api.Instance) *spec.Instance {
	record, names := have.Config[resource.KeyApplied], sdkincus.OwnedNames(have.Config)
	differ, _ := sdkincus.Drifted(record, names, sdkincus.Pick(view(have.Config, spec.Devices(have.Devices)), names))
	if len(differ) == 0 {
		return want
	}
	kept, wanted := *want, view(want.Config, want.Devices)
	kept.Config, kept.Devices = maps.Clone(want.Config), maps.Clone(want.Devices)
	for _, name := range differ {
		device, isDevice := strings.CutPrefix(name, deviceMark)
		switch {
		case strings.HasPrefix(name, resource.KeyPrefix), wanted[name] == "", !sdkincus.AsApplied(record, names, name, wanted[name]):
		case isDevice:
			keepDevice(kept.Devices, spec.Devices(have.Devices), device)
		default:
			keepKey(kept.Config, have.Config, name)
		}
	}
	return &kept
}

// Forget returns the instance as if it were not known what icc wrote, so that nothing is kept.
func Forget(have *api.Instance) *api.Instance {
	out := *have
	out.Config = maps.Clone(have.Config)
	delete(out.Config, resource.KeyApplied)
	return &out
}

// RecordAs notes in a configuration what icc would have written, had it not kept what a person has changed: that is
// somebody else's as before.
func RecordAs(config map[string]string, devices spec.Devices, want, kept *spec.Instance) {
	written := config
	config, devices = maps.Clone(config), maps.Clone(devices)
	for key, value := range want.Config {
		if kept.Config[key] != value {
			config[key] = value
		}
	}
	for name, dev := range want.Devices {
		if !maps.Equal(kept.Devices[name], dev) {
			devices[name] = dev
		}
	}
	Record(config, devices)
	written[resource.KeyApplied] = config[resource.KeyApplied]
}
