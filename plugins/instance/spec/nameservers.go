package spec

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/icc-project/icc/sdk/kinds"
)

// maxNameservers is how many C libraries ask.
const maxNameservers = 3

// keyNameservers names the servers of /etc/resolv.conf.
const keyNameservers = "oci.dns.nameservers"

const resolvConf = "/etc/resolv.conf"

// nameservers writes the resolver's configuration. With static addresses nobody else does.
func (t *translation) nameservers() error {
	if !t.oci() {
		return nil
	}
	servers := t.resolvers()
	t.set(keyNameservers, strings.Join(servers[:min(len(servers), maxNameservers)], ","))
	t.set("oci.dns.search", strings.Join(t.Config.DNSSearch, ","))
	t.set("oci.dns.domain", t.Config.Domainname)
	return nil
}

// resolvers lists all servers in the order in which they are to be asked.
func (t *translation) resolvers() []string {
	if own, set := t.Config.Incus[keyNameservers]; set {
		return strings.FieldsFunc(own, func(r rune) bool { return r == ',' || r == ' ' })
	}
	return append(t.networkResolvers(), t.Config.DNS...)
}

// forwarded lists those that icc-init is to ask on behalf of the container's programs, at port 53 of the loopback. A
// service that is a DNS server itself needs that port, on all addresses mostly, and one that mounts a resolv.conf of its
// own has chosen whom to ask.
func (t *translation) forwarded() []string {
	if t.Config.NoResolver || t.servesNames() || t.mounted(resolvConf) {
		return nil
	}
	return t.resolvers()
}

// portDNS is that of DNS, over UDP and TCP.
const portDNS = 53

// servesNames says whether the service or its image names the port of DNS as one of its own.
func (t *translation) servesNames() bool {
	named := slices.Clone(t.Config.Expose)
	if t.Image.Process != nil {
		named = append(named, t.Image.Process.ExposedPorts...)
	}
	return slices.ContainsFunc(named, exposesDNS) || slices.ContainsFunc(t.Config.Ports, func(p kinds.Port) bool {
		return p.Target <= portDNS && portDNS < p.Target+max(p.Count, 1)
	})
}

// exposesDNS reads a port or a range of ports, with or without a protocol: "53", "50-60/udp".
func exposesDNS(ports string) bool {
	ports, _, _ = strings.Cut(ports, "/")
	low, high, isRange := strings.Cut(ports, "-")
	if !isRange {
		high = low
	}
	from, err := strconv.Atoi(low)
	to, err2 := strconv.Atoi(high)
	return err == nil && err2 == nil && from <= portDNS && portDNS <= to
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
