package observe

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/spec"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// Outputs returns what an instance puts out. Addresses are those configured, so no running guest has to be asked.
func Outputs(inst *api.Instance) kinds.InstanceOutputs {
	orders := spec.Orders(inst.Config)
	out := kinds.InstanceOutputs{
		IncusName:  inst.Name,
		Service:    inst.Config[resource.KeyService],
		OneOff:     inst.Config[resource.KeyOneOff] == "true",
		Status:     strings.ToLower(inst.Status),
		Health:     health(inst, orders),
		Image:      imageName(inst),
		Command:    strings.Join(argv(inst, orders), " "),
		CreatedAt:  inst.CreatedAt,
		Labels:     sdkincus.Labels(inst.Config),
		Hash:       inst.Config[resource.KeyHash],
		Previous:   inst.Config[spec.KeyPreviousImage],
		PreviousBy: inst.Config[spec.KeyPreviousBy],
	}
	out.Number = number(inst)
	if NeverStarted(inst) {
		out.Status = StatusCreated
	}
	if inst.LastUsedAt.Unix() > 0 {
		out.StartedAt = inst.LastUsedAt
	}
	for _, name := range slices.Sorted(maps.Keys(inst.Devices)) {
		addDevice(&out, name, inst.Devices[name])
	}
	return out
}

// number is the replica's. One that somebody has made unreadable is that in the name: a replica without a number would be
// replaced by one that has one.
func number(inst *api.Instance) int {
	n, err := strconv.Atoi(inst.Config[resource.KeyNumber])
	if err != nil || n < 0 {
		n, _ = strconv.Atoi(inst.Name[strings.LastIndexByte(inst.Name, '-')+1:])
	}
	return n
}

// StatusCreated is the status of an instance that was never started.
const StatusCreated = "created"

// argv is the command that the instance runs.
func argv(inst *api.Instance, orders *initspec.Spec) []string {
	if orders != nil {
		return orders.Argv
	}
	return spec.SplitArgv(inst.Config["oci.entrypoint"])
}

// imageName is the image as the compose file calls it. What follows a # tells variants of one reference apart.
func imageName(inst *api.Instance) string {
	name, _, _ := strings.Cut(inst.Config[spec.KeyImageName], "#")
	return cmp.Or(name, inst.Config[spec.KeyImage])
}

func addDevice(out *kinds.InstanceOutputs, name string, dev map[string]string) {
	switch dev["type"] {
	case "proxy":
		if port, ok := spec.ParsePort(name, dev); ok {
			out.Ports = append(out.Ports, port)
		}
	case "nic":
		net := dev["network"] + dev["parent"]
		out.Networks = append(out.Networks, net)
		address, _, _ := strings.Cut(dev["ipv4.address"], "/")
		if address == "" {
			address, _, _ = strings.Cut(dev["ipv6.address"], "/")
		}
		if address != "" && address != "none" {
			if out.Addresses == nil {
				out.Addresses = map[string]string{}
			}
			out.Addresses[net] = address
		}
	case "disk":
		if dev["path"] != "/" && name != spec.DeviceInit && name != spec.DeviceRun {
			out.Mounts = append(out.Mounts, dev["path"])
		}
	}
}

// Running says whether processes run or could go on running. Ready is what a healthy guest reports of itself.
func Running(code api.StatusCode) bool {
	return code == api.Running || code == api.Ready
}

// Status returns the core's word for an Incus status.
func Status(code api.StatusCode) string {
	switch {
	case Running(code):
		return resource.StatusRunning
	case code == api.Frozen:
		return resource.StatusPaused
	case code == api.Stopped:
		return resource.StatusStopped
	}
	return strings.ToLower(code.String())
}
