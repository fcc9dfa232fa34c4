package reconcile

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/resource"
)

// devices compares the devices of an instance, each of which may depend on others.
type devices struct {
	want, have spec.Devices
	// files are the devices with secrets and configs.
	files map[string]bool
	// filled are those whose volume gets its first content when the instance is started.
	filled map[string]bool
	// machine says that it is a virtual machine, readOnly that nothing can be made in its root file system.
	machine, readOnly bool
}

// devicePrefix begins the paths of devices.
const devicePrefix = "devices."

func (d devices) changes(owned map[string]bool) []resource.FieldChange {
	var out []resource.FieldChange
	for _, name := range slices.Sorted(maps.Keys(union(d.want, owned))) {
		before, had := d.have[name]
		after, wanted := d.want[name]
		at := devicePrefix + name
		switch {
		case !had && wanted:
			out = append(out, resource.FieldChange{Path: at, After: describe(after), Class: d.added(name, after)})
		case had && !wanted:
			out = append(out, resource.FieldChange{Path: at, Before: describe(before), Class: d.removed(name, before)})
		case had && wanted:
			for _, key := range slices.Sorted(maps.Keys(union(before, after))) {
				if before[key] != after[key] {
					out = append(out, resource.FieldChange{Path: at + "." + key, Before: before[key], After: after[key],
						Class: d.changed(name, key)})
				}
			}
		}
	}
	return out
}

// added is the class of a device that is new.
func (d devices) added(name string, dev map[string]string) resource.Class {
	switch class := d.plugged(name, dev); {
	case class != resource.ClassLive || dev["type"] != "disk":
		return class
	case d.readOnly, d.filled[name]: // nobody could make the mount point, or copy the image's content
		return resource.ClassRestart
	case spec.MountPoint(dev) != "" && !slices.Contains(spec.MountPoints(d.have), spec.MountPoint(dev)):
		return resource.ClassRestart // what it needs is to be made while the instance is stopped
	}
	return resource.ClassLive
}

// removed is the class of a device that goes.
func (d devices) removed(name string, dev map[string]string) resource.Class {
	return d.plugged(name, dev)
}

// changed is the class of another value of a device's key.
func (d devices) changed(name, key string) resource.Class {
	before, after := d.have[name], d.want[name]
	kind := after["type"]
	switch {
	case name == spec.DeviceRoot:
		if key == "size" || strings.HasPrefix(key, "limits.") {
			return resource.ClassLive
		}
		return resource.ClassRecreate
	case before["type"] != kind:
		return worse(d.plugged(name, before), d.plugged(name, after))
	case kind == "nic":
		return nicClass(after, key)
	case kind == "disk" && strings.HasPrefix(key, "limits."):
		return resource.ClassLive
	case kind == "disk" && !(d.files[name] && key == "source"):
		// A process that has files open would go on writing to those of before. Files of icc's are only read.
		return resource.ClassRestart
	}
	return worse(d.plugged(name, before), d.plugged(name, after))
}

// plugged is the class of plugging a device in or out.
func (d devices) plugged(name string, dev map[string]string) resource.Class {
	switch dev["type"] {
	case "proxy", "none":
		return resource.ClassLive
	case "disk":
		return d.mounted(name, dev)
	case "unix-char", "unix-block", "unix-hotplug", "usb":
		return unless(d.machine)
	case "gpu":
		return unless(d.machine || dev["gputype"] != "" && dev["gputype"] != "physical")
	}
	return resource.ClassRestart // a card that is plugged in has no address; of others too little is known
}

// mounted is the class of mounting or unmounting a disk.
func (d devices) mounted(name string, dev map[string]string) resource.Class {
	switch {
	case name == spec.DeviceRoot:
		return resource.ClassRecreate
	case name == spec.DeviceInit, name == spec.DeviceRun, strings.HasPrefix(dev["source"], "tmpfs"):
		return resource.ClassRestart
	}
	// A mount hides those below it, and takes them along when it goes.
	return unless(d.machine || below(d.have, dev["path"]) || below(d.want, dev["path"]))
}

// below says whether something is mounted inside of a directory.
func below(devices spec.Devices, dir string) bool {
	for _, dev := range devices {
		if dev["type"] == "disk" && strings.HasPrefix(dev["path"], path.Clean(dir)+"/") {
			return true
		}
	}
	return false
}

// nicClass is the class of another value of a network card's key. Addresses are given to it at the start only.
func nicClass(dev map[string]string, key string) resource.Class {
	if dev["network"] == "" && dev["nictype"] != "bridged" {
		return resource.ClassRestart
	}
	switch key {
	case "connected", "security.mac_filtering", "security.ipv4_filtering", "security.ipv6_filtering":
		return resource.ClassLive
	}
	for _, prefix := range []string{"limits.", "queue.discipline", "security.acls", "ipv4.routes", "ipv6.routes"} {
		if strings.HasPrefix(key, prefix) {
			return resource.ClassLive
		}
	}
	return resource.ClassRestart
}

// unless returns the class of what is live, except where it cannot be.
func unless(impossible bool) resource.Class {
	if impossible {
		return resource.ClassRestart
	}
	return resource.ClassLive
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
