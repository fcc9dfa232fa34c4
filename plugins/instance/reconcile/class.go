package reconcile

import (
	"strings"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// KeyClass says how gently a change of a configuration key can be applied. What Incus applies to running instances is
// live; everything else makes the instance anew, as Docker does.
func KeyClass(key string) resource.Class {
	switch {
	case key == spec.KeyUser, key == spec.KeyImageDigest, key == initspec.Key:
		return resource.ClassRecreate
	case strings.HasPrefix(key, "limits.kernel."):
		return resource.ClassRecreate
	case strings.HasPrefix(key, "user."), strings.HasPrefix(key, "limits."), strings.HasPrefix(key, "boot."):
		return resource.ClassLive
	}
	return resource.ClassRecreate
}

// DeviceClass says the same of a device's key, by the device's type. An empty key means the device as a whole.
func DeviceClass(name, deviceType, key string) resource.Class {
	switch {
	case deviceType == "proxy":
		return resource.ClassLive
	case name == spec.DeviceRoot && key == "size":
		return resource.ClassLive
	case deviceType == "disk" && strings.HasPrefix(key, "limits."):
		return resource.ClassLive
	}
	return resource.ClassRecreate
}

// worse returns the more disturbing of two classes.
func worse(a, b resource.Class) resource.Class {
	if rank(b) > rank(a) {
		return b
	}
	return a
}

func rank(c resource.Class) int {
	order := []resource.Class{
		resource.ClassNone, resource.ClassLive, resource.ClassRestart, resource.ClassRebuild, resource.ClassRecreate,
	}
	for i, known := range order {
		if c == known {
			return i
		}
	}
	return 0
}
