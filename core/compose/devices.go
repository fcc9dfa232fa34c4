package compose

import (
	"fmt"
	"os"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/icc-project/icc/sdk/naming"
)

// hostDevices translates devices and gpus into Incus devices, and nvidia's runtime into Incus' configuration.
func (t *translator) hostDevices(s serviceConfig) (devices map[string]map[string]string, config map[string]string) {
	devices, config = map[string]map[string]string{}, map[string]string{}
	path := servicePath(s.Name)
	for i, d := range s.Devices {
		t.hostDevice(devices, d, t.item(path+".devices", i, len(s.Devices)))
	}
	for i, r := range s.Gpus {
		t.gpu(devices, config, r, t.item(path+".gpus", i, len(s.Gpus)))
	}
	if s.Deploy != nil && s.Deploy.Resources.Reservations != nil {
		requests := s.Deploy.Resources.Reservations.Devices
		for i, r := range requests {
			t.gpu(devices, config, r, t.item(path+".deploy.resources.reservations.devices", i, len(requests)))
		}
	}
	if s.Runtime == "nvidia" {
		config["nvidia.runtime"] = "true"
	}
	return devices, config
}

// hostDevice translates one device node.
func (t *translator) hostDevice(devices map[string]map[string]string, d types.DeviceMapping, path string) {
	if !strings.HasPrefix(d.Source, "/") {
		if strings.HasPrefix(d.Source, "nvidia.com/gpu=") {
			devices["gpu"] = map[string]string{"type": "gpu", "gputype": "physical"}
			t.warn(path, fmt.Sprintf("%q becomes a device with every GPU of the server", d.Source), "choose one with x-incus.devices")
			return
		}
		t.fail(path, fmt.Sprintf("%q is neither a device's path nor a GPU", d.Source), "name a device such as /dev/ttyUSB0")
		return
	}
	target := d.Target
	if target == "" {
		target = d.Source
	}
	kind := "unix-char"
	if info, err := os.Stat(d.Source); err == nil {
		switch {
		case info.IsDir():
			t.fail(path, fmt.Sprintf("%s is a directory", d.Source), "name each device in it")
			return
		case info.Mode()&os.ModeDevice != 0 && info.Mode()&os.ModeCharDevice == 0:
			kind = "unix-block"
		}
	}
	device := map[string]string{"type": kind, "source": d.Source, "path": target}
	if p := d.Permissions; p != "" && !strings.Contains(p, "w") {
		device["mode"] = "0440"
	}
	devices[deviceName(target)] = device
}

// deviceName makes a device's name from its path; Incus takes 64 characters without slashes.
func deviceName(path string) string {
	name := "dev-" + strings.ReplaceAll(strings.TrimPrefix(strings.TrimPrefix(path, "/"), "dev/"), "/", "-")
	if len(name) > 64 {
		name = "dev-" + naming.Hash(path)[:12]
	}
	return name
}

// gpu translates a request for GPUs.
func (t *translator) gpu(devices map[string]map[string]string, config map[string]string, r types.DeviceRequest, path string) {
	isGPU := len(r.Capabilities) == 0
	for _, c := range r.Capabilities {
		isGPU = isGPU || c == "gpu"
	}
	if !isGPU {
		t.fail(path+".capabilities", fmt.Sprintf("devices with the capabilities %s cannot be reserved",
			strings.Join(r.Capabilities, ", ")), "ask for the capability gpu, or name the device under devices")
		return
	}
	if r.Driver == "nvidia" || r.Driver == "" && strings.Contains(strings.Join(r.Capabilities, ","), "nvidia") {
		config["nvidia.runtime"] = "true"
	}
	if len(r.IDs) == 0 {
		devices["gpu"] = map[string]string{"type": "gpu", "gputype": "physical"}
		if r.Count > 0 {
			t.warn(path+".count", "Incus cannot choose a number of GPUs: the service gets all of the server",
				"name them with device_ids, or with x-incus.devices")
		}
		return
	}
	for _, id := range r.IDs {
		device := map[string]string{"type": "gpu", "gputype": "physical"}
		switch {
		case strings.Contains(id, ":"):
			device["pci"] = id
		case strings.Trim(id, "0123456789") == "":
			device["id"] = id
		default:
			t.fail(path+".device_ids", fmt.Sprintf("GPU %q is neither a number nor a PCI address", id),
				"write the card's number or its PCI address, see incus info --resources")
			continue
		}
		devices["gpu-"+strings.NewReplacer(":", "-", ".", "-").Replace(id)] = device
	}
}
