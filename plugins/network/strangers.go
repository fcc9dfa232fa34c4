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
// network is asked; those that may not be seen are left out.
func (s *server) inUse(n *api.Network, attached map[string]kinds.Attachment) (sighting, error) {
	out := sighting{others: make(map[netip.Addr]bool), own: make(map[string][]netip.Addr)}
	for project := range usingProjects(n) {
		scoped := s.UseProject(project)
		leases, err := scoped.GetNetworkLeases(n.Name)
		if sdkincus.IsForbidden(err) || sdkincus.IsNotFound(err) {
			continue
		}
		if err != nil {
			return out, fmt.Errorf("asking for the leases on network %q: %w", n.Name, sdkincus.MapError(err))
		}
		note := func(instance, address string) {
			_, ok := attached[instance]
			out.note(instance, address, ok && project == s.settings.IncusProject)
		}
		instances, err := scoped.GetInstances(api.InstanceTypeAny)
		if err != nil {
			return out, fmt.Errorf("asking for the instances on network %q: %w", n.Name, sdkincus.MapError(err))
		}
		for _, i := range instances {
			for _, d := range i.ExpandedDevices {
				if d["network"] == n.Name || d["parent"] == n.Name {
					note(i.Name, d["ipv4.address"])
					note(i.Name, d["ipv6.address"])
				}
			}
		}
		for _, l := range leases { // last, because what a NIC asks for counts more than what its guest calls itself
			note(l.Hostname, l.Address)
		}
	}
	return out, nil
}

// sighting is what the server says of the addresses on a network.
type sighting struct {
	// others are those of instances that are not attached.
	others map[netip.Addr]bool
	// own are those of the attached ones, by the instance's name on the server: theirs to keep.
	own map[string][]netip.Addr
}

// note adds an address, which may have a prefix length.
func (s sighting) note(instance, address string, own bool) {
	address, _, _ = strings.Cut(address, "/")
	switch a, err := netip.ParseAddr(address); {
	case err != nil:
	case own:
		s.own[instance] = append(s.own[instance], a)
	default:
		s.others[a] = true
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
