package spec

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/icc-project/icc/sdk/kinds"
)

// maxNameservers is how many C libraries ask.
const maxNameservers = 3

// nameservers writes the resolver's configuration. With static addresses nobody else does.
func (t *translation) nameservers() error {
	if !t.oci() {
		return nil
	}
	servers := t.networkResolvers()
	servers = append(servers, t.Config.DNS...)
	t.set("oci.dns.nameservers", strings.Join(servers[:min(len(servers), maxNameservers)], ","))
	t.set("oci.dns.search", strings.Join(t.Config.DNSSearch, ","))
	t.set("oci.dns.domain", t.Config.Domainname)
	return nil
}

// networkResolvers returns the addresses of the instance's networks, which answer for the names on them. Each refuses
// what it does not know, so the order decides only who is asked for names of the world: own networks that have a way
// out first, the one with the gateway before all, then those of others, then internal ones.
func (t *translation) networkResolvers() []string {
	nics := slices.Clone(t.Config.Networks)
	slices.SortStableFunc(nics, func(a, b kinds.NIC) int {
		return t.resolverRank(a) - t.resolverRank(b)
	})
	var servers []string
	for _, nic := range nics {
		net := t.Networks[nic.Network]
		prefix, err := netip.ParsePrefix(net.IPv4)
		if err != nil || net.Addresses[t.Name].IPv4 == "" {
			continue // the network has no resolver, or DHCP announces it
		}
		servers = append(servers, prefix.Addr().String())
	}
	return servers
}

func (t *translation) resolverRank(nic kinds.NIC) int {
	net := t.Networks[nic.Network]
	switch {
	case net.Internal:
		return 3
	case net.External:
		return 2
	case !nic.Gateway:
		return 1
	}
	return 0
}
