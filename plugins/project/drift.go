package main

import (
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// projectDrift returns what others have changed on the Incus project; want is its declared configuration, if there is one.
func projectDrift(ref resource.Ref, p *api.Project, want map[string]string) []resource.Change {
	return drifted(ref, sdkincus.Drift{
		Record: p.Config[resource.KeyApplied], Names: sdkincus.OwnedNames(p.Config), Current: p.Config, Want: want,
	})
}

// profileDrift returns what others have changed on a profile; want is its declared form, if there is one.
func profileDrift(ref resource.Ref, p *api.Profile, want api.ProfilePut) []resource.Change {
	return drifted(ref, sdkincus.Drift{
		Record: p.Config[resource.KeyApplied], Names: profileNames(p.Config),
		Current: profileView(p.Config, p.Devices), Want: profileView(want.Config, want.Devices),
	})
}

// profileNames are the keys and devices that a profile's record is about.
func profileNames(config map[string]string) []string {
	names := sdkincus.OwnedNames(config)
	for name := range strings.SplitSeq(config[keyOwnedDevices], ",") {
		if name != "" {
			names = append(names, "devices."+name)
		}
	}
	return names
}

// profileView shows a profile's devices as keys of its configuration.
func profileView(config map[string]string, devices map[string]map[string]string) map[string]string {
	out := sdkincus.Merge(config)
	for name, d := range devices {
		out["devices."+name] = sdkincus.DeviceText(d)
	}
	return out
}

func drifted(ref resource.Ref, d sdkincus.Drift) []resource.Change {
	c, ok := d.Change(ref)
	if !ok {
		return nil
	}
	return []resource.Change{c}
}
