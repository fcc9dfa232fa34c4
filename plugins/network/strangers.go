package main

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/kinds"
)

// strangersOn says whether instances are on the network that have no lease.
func strangersOn(n *api.Network) bool {
	leases := readLeases(n.Config)
	for name := range users(n, "") {
		if _, ok := leases[name]; !ok {
			return true
		}
	}
	return false
}

// inUse returns the addresses that instances on the network have without a lease of icc's: what their NICs ask for and
// what DHCP has given them. Incus shows leases to the project they belong to only, so each project that uses the
// network is asked; those that may not be seen are left out. What the attached instances have is theirs to keep.
func (s *server) inUse(n *api.Network, attached map[string]kinds.Attachment) (map[netip.Addr]bool, error) {
	out := make(map[netip.Addr]bool)
	for project := range usingProjects(n) {
		scoped := s.UseProject(project)
		leases, err := scoped.GetNetworkLeases(n.Name)
		if sdkincus.IsForbidden(err) || sdkincus.IsNotFound(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("asking for the leases on network %q: %w", n.Name, sdkincus.MapError(err))
		}
		own := func(name string) bool {
			_, ok := attached[name]
			return ok && project == s.settings.IncusProject
		}
		for _, l := range leases {
			if own(l.Hostname) {
				continue
			}
			note(out, l.Address)
		}
		instances, err := scoped.GetInstances(api.InstanceTypeAny)
		if err != nil {
			return nil, fmt.Errorf("asking for the instances on network %q: %w", n.Name, sdkincus.MapError(err))
		}
		for _, i := range instances {
			if own(i.Name) {
				continue
			}
			for _, d := range i.ExpandedDevices {
				if d["network"] == n.Name || d["parent"] == n.Name {
					note(out, d["ipv4.address"])
					note(out, d["ipv6.address"])
				}
			}
		}
	}
	return out, nil
}

// note adds an address, which may have a prefix length, to a set.
func note(set map[netip.Addr]bool, address string) {
	address, _, _ = strings.Cut(address, "/")
	if a, err := netip.ParseAddr(address); err == nil {
		set[a] = true
	}
}

// usingProjects returns the Incus projects whose instances and profiles use the network.
func usingProjects(n *api.Network) map[string]bool {
	out := make(map[string]bool)
	for _, u := range sdkincus.Users(n.UsedBy) {
		out[u.Project] = true
	}
	return out
}
