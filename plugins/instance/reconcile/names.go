package reconcile

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// Names knows what a service's configuration is called in compose files.
type Names struct {
	networks   []string // by the number of the interface
	secrets    map[string]bool
	incus      map[string]string
	want, have spec.Devices
	// before and after are the restart policies.
	before, after string
	// memory are the limits before and after, without what is swapped.
	memory [2]string
}

// NewNames returns the names of the service's fields; want and have are what is compared.
func NewNames(c kinds.InstanceConfig, want *spec.Instance, have *api.Instance) Names {
	n := Names{secrets: map[string]bool{}, incus: c.Incus, have: spec.Devices(have.Devices), before: policy(have.Config)}
	n.memory[0] = have.Config[pathMemory]
	if want != nil {
		n.want, n.after, n.memory[1] = want.Devices, policy(want.Config), want.Config[pathMemory]
	}
	for _, nic := range c.Networks {
		n.networks = append(n.networks, nic.Network)
	}
	for _, m := range c.Mounts {
		n.secrets[m.Target] = m.Secret
	}
	return n
}

// Change adds the names to a change, and says its reason with them.
func (n Names) Change(c resource.Change) resource.Change {
	byPath, pending := c.Reason == reason(c.Fields, c.Class), c.Reason == waited(c.Fields)
	c.Fields = n.Fields(c.Fields)
	switch {
	case byPath:
		c.Reason = reason(c.Fields, c.Class)
	case pending:
		c.Reason = waited(c.Fields)
	}
	return c
}

// Fields adds the names to fields, and shows ports as compose files do.
func (n Names) Fields(fields []resource.FieldChange) []resource.FieldChange {
	var out []resource.FieldChange
	for _, f := range n.told(fields) {
		out = append(out, n.field(f))
	}
	return slices.DeleteFunc(slices.Clone(out), func(f resource.FieldChange) bool { return repeats(f, out) || same(f) })
}

func (n Names) field(f resource.FieldChange) resource.FieldChange {
	name, key, ofDevice := splitDevice(f.Path)
	switch {
	case ofDevice:
		if f.Compose = n.device(name, key); f.Compose == "ports" {
			f.Before, f.After = n.port(name, key, f.Before), n.port(name, key, f.After)
		}
	default:
		f.Compose = n.key(f.Path)
	}
	switch {
	case f.Compose == "memswap_limit":
		f.Before, f.After = swapText(f.Before, n.memory[0]), swapText(f.After, n.memory[1])
	case f.Path != pathRestart && f.Compose != pathRestart:
		f.Before, f.After = n.value(f.Path, f.Before), n.value(f.Path, f.After)
	case n.before != n.after:
		f.Before, f.After = n.before, n.after
	default: // somebody has changed the key alone
		f.Compose = ""
	}
	return f
}

// splitDevice splits "devices.eth0.hwaddr"; the names of icc's devices may have dots, but their keys are few.
func splitDevice(path string) (name, key string, ok bool) {
	rest, ok := strings.CutPrefix(path, devicePrefix)
	if !ok {
		return "", "", false
	}
	for _, known := range []string{
		"listen", "connect", "source", "path", "pool", "size", "readonly", "shift", "propagation", "recursive", "nat", "network", "parent",
		"hwaddr", "name", "ipv4.address", "ipv6.address", "ipv4.gateway", "ipv6.gateway", "initial.mode", "limits.max",
	} {
		if name, ok := strings.CutSuffix(rest, "."+known); ok {
			return name, known, true
		}
	}
	return rest, "", true
}

func (n Names) device(name, key string) string {
	dev := n.want[name]
	if dev == nil {
		dev = n.have[name]
	}
	switch number, isNIC := strings.CutPrefix(name, "eth"); {
	case dev["type"] == "proxy":
		return "ports"
	case name == spec.DeviceRoot && key == "size":
		return "storage_opt.size"
	case dev["type"] == "disk" && n.secrets[dev["path"]]:
		return "secrets." + dev["path"]
	case dev["type"] == "disk" && dev["source"] == "tmpfs:":
		return "tmpfs." + dev["path"]
	case dev["type"] == "disk" && dev["path"] != "" && name != spec.DeviceRoot:
		return "volumes." + dev["path"]
	case isNIC && dev["type"] == "nic":
		if i, err := strconv.Atoi(number); err == nil && i < len(n.networks) {
			return strings.TrimSuffix("networks."+n.networks[i]+"."+nicKey(key), ".")
		}
		return "networks." + dev["network"]
	}
	return ""
}

func nicKey(key string) string {
	switch key {
	case "ipv4.address":
		return "ipv4_address"
	case "ipv6.address":
		return "ipv6_address"
	case "hwaddr":
		return "mac_address"
	}
	return key
}

// port shows a published port as "8080:80", text where it cannot be read. Text is the value of the device's key, or what
// describes the whole device.
func (n Names) port(name, key, text string) string {
	dev := maps.Clone(n.want[name])
	if dev == nil {
		dev = maps.Clone(n.have[name])
	}
	if key != "" && dev != nil {
		dev[key] = text
	}
	p, ok := spec.ParsePort(name, dev)
	if text == "" || !ok {
		return text
	}
	shown := fmt.Sprintf("%d:%d", p.Published, p.Target)
	if p.Count > 1 {
		shown = fmt.Sprintf("%d-%d:%d-%d", p.Published, p.Published+p.Count-1, p.Target, p.Target+p.Count-1)
	}
	if p.HostIP != "" {
		shown = p.HostIP + ":" + shown
	}
	if p.Protocol != "tcp" {
		shown += "/" + p.Protocol
	}
	return shown
}

// key returns the compose name of a configuration key; fields that are called as in compose files have no other.
func (n Names) key(path string) string {
	if _, raw := n.incus[path]; raw {
		return "x-incus." + path
	}
	for _, p := range []struct{ incus, compose string }{
		{resource.KeyLabel, "labels."}, {"user.annotation.", "annotations."}, {"limits.kernel.", "ulimits."},
		{"linux.sysctl.", "sysctls."}, {resource.HealthKeyPrefix, "healthcheck."},
	} {
		if rest, ok := strings.CutPrefix(path, p.incus); ok {
			return p.compose + rest
		}
	}
	return map[string]string{
		pathMemory: "mem_limit", pathSwap: "memswap_limit", "limits.memory.oom_priority": "oom_score_adj",
		"limits.cpu": "cpuset", "limits.cpu.allowance": "cpus", "limits.processes": "pids_limit",
		"security.privileged": "privileged", "oci.entrypoint": "command", "oci.cwd": "working_dir", "oci.uid": "user",
		"oci.dns.nameservers": "dns", "oci.dns.search": "dns_search", "oci.dns.domain": "domainname",
		spec.KeyUser: "user", spec.KeyImage: "image", spec.KeyImageName: "image", spec.KeyImageDigest: "image",
		spec.KeyGrace: "stop_grace_period", pathAutostart: pathRestart, pathAgain: pathRestart, spec.KeyRestart: pathRestart,
		resource.KeyDependsOn: "depends_on", initspec.Key: "",
	}[path]
}

// bytesText shows a size like "67108864B" in the largest unit that it is a multiple of.
func bytesText(size string) string {
	n, err := strconv.ParseInt(strings.TrimSuffix(size, "B"), 10, 64)
	if err != nil || n <= 0 {
		return size
	}
	unit := 0
	for n%1024 == 0 && unit < 4 {
		n, unit = n/1024, unit+1
	}
	return strconv.FormatInt(n, 10) + []string{"B", "KiB", "MiB", "GiB", "TiB"}[unit]
}
