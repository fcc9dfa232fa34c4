//go:build incus

package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/lxc/incus/v6/shared/api"
)

// end is what there is of the project on the server and for icc, without what differs from one run to the next.
func (k *killing) end() string {
	k.t.Helper()
	k.until(20*time.Second, "all services run", func() (string, bool) {
		var still []string

		for _, row := range k.ps() {
			if row.State != "running" || row.Health == "starting" {
				still = append(still, row.Name+" "+row.State+" "+row.Health)
			}
		}

		return strings.Join(still, ", "), len(still) == 0
	})

	var lines []string

	changing := []string{":" + k.port, ":PORT", " " + k.port, " PORT", "-" + k.port, "-PORT"}

	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }

	for _, row := range k.ps() {
		add("%s: %s %s %s %s %s %q %v", row.Name, row.Service, row.Image, row.State, row.Health, row.Networks, row.Labels, row.Publishers)
	}

	server := k.host.Incus(k.t)

	for _, instance := range k.instances() {
		add("instance %s %s", instance.Name, instance.Description)
		lines = append(lines, settings("instance "+instance.Name, instance.Config)...)

		for name, device := range instance.Devices {
			lines = append(lines, settings("instance "+instance.Name+" "+name, device)...)
		}
	}

	networks, err := server.GetNetworks()
	k.must(err)

	for _, network := range networks {
		if network.Config[markProject] == k.name {
			// A server that was killed over a network may have to use another subnet from then on.
			address := network.Config["ipv4.address"]
			changing = append(changing, address[:strings.LastIndexByte(address, '.')+1], "subnet "+network.Name+" ")
			lines = append(lines, settings("network "+network.Name, network.Config)...)
		}
	}

	acls, err := server.GetNetworkACLs()
	k.must(err)

	for _, acl := range acls {
		if acl.Config[markProject] == k.name {
			add("acl %s %v %v", acl.Name, acl.Ingress, acl.Egress)
		}
	}

	profiles, err := server.UseProject(k.name).GetProfileNames()
	k.must(err)

	// The lock of a killed run goes when it is in somebody's way.
	add("profiles %v", slices.DeleteFunc(profiles, func(name string) bool { return strings.HasPrefix(name, "icc-lock-") }))

	volumes, err := server.GetStoragePoolVolumesAllProjects("default")
	k.must(err)

	for _, v := range slices.DeleteFunc(volumes, func(v api.StorageVolume) bool { return v.Type != "custom" || v.Config[markProject] != k.name }) {
		lines = append(lines, settings("volume "+v.Name, v.Config)...)
	}

	slices.Sort(lines)

	return strings.NewReplacer(changing...).Replace(strings.Join(lines, "\n"))
}

// settings are an object's, each on a line, without what is the server's or says when something was done.
func settings(of string, config map[string]string) []string {
	var lines []string

	for _, key := range slices.Sorted(maps.Keys(config)) {
		volatile := strings.HasPrefix(key, "volatile.") && key != "volatile.base_image"
		// Networks remember the addresses of instances that were there once, instances what they were before and at first;
		// hashes have the changing in them.
		remembered := strings.HasPrefix(key, "user.icc.address.") || strings.HasPrefix(key, "user.icc.previous") ||
			slices.Contains([]string{"user.icc.applied", "user.icc.acl", "user.icc.first"}, key) || strings.HasSuffix(key, "hash")
		if !volatile && !remembered && key != "user.icc.id" && key != "image.id" {
			lines = append(lines, fmt.Sprintf("%s: %s=%s", of, key, config[key]))
		}
	}

	return lines
}
