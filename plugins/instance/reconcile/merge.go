package reconcile

import (
	"maps"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/spec"
)

// Merge puts the wanted configuration into an existing one: what icc generated earlier and wants no more is dropped,
// what others added stays.
func Merge(want *spec.Instance, have api.InstancePut) api.InstancePut {
	ownedKeys, ownedDevices := spec.Owned(have.Config)
	out := have
	out.Config = without(have.Config, ownedKeys)
	maps.Copy(out.Config, want.Config)
	devices := without(have.Devices, ownedDevices)
	for name, dev := range want.Devices {
		devices[name] = maps.Clone(dev)
	}
	out.Devices = devices
	out.Profiles = want.Profiles
	return out
}

func without[V any](m map[string]V, drop map[string]bool) map[string]V {
	out := maps.Clone(m)
	if out == nil {
		out = map[string]V{}
	}
	maps.DeleteFunc(out, func(key string, _ V) bool { return drop[key] })
	return out
}

// KeepPorts gives the free ports of want the numbers that have was given already, so that they stay the same over
// changes and over being made anew. It returns the devices that still have none.
func KeepPorts(want *spec.Instance, have spec.Devices) []string {
	var open []string
	for _, name := range want.FreePorts {
		port, ok := spec.ParsePort(name, have[name])
		if !ok {
			open = append(open, name)
			continue
		}
		spec.SetFreePort(want.Devices[name], port.Published)
	}
	return open
}
