package main

import (
	"maps"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/network/address"
	"github.com/icc-project/icc/plugins/network/dnsmasq"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// external returns the form of somebody else's network: as it is, with the leases and records of this project's
// instances. Networks whose addresses Incus does not manage stay entirely as they are.
func (b builder) external() (*form, error) {
	n := b.current
	f := &form{kind: n.Type, put: n.NetworkPut, outputs: kinds.NetworkOutputs{
		IncusName: n.Name, Managed: n.Managed, External: true,
		IPv4: shown(n.Config["ipv4.address"]), IPv6: shown(n.Config["ipv6.address"]),
	}}
	if !n.Managed || n.Type != typeBridge {
		return f, nil
	}
	given, err := b.guests(f)
	if err != nil {
		return nil, err
	}
	next := maps.Clone(map[string]string(n.Config))
	if next == nil {
		next = map[string]string{}
	}
	for name, l := range b.leases() {
		if l.Project == b.cfg.Project {
			delete(next, leasePrefix+name)
		}
	}
	given = b.remembered(given)
	b.writeLeases(next, given)
	b.writeRecords(next, n.Config[keyRaw], given, nil)
	f.put.Config = next
	f.fields = differences(n.Config, next)
	return f, nil
}

// guests gives the attachments addresses of somebody else's network, outside of the ranges that it reserves for DHCP.
// Where DHCP has the whole subnet, each address has to be reserved at it, which Incus does for NICs that ask for one.
func (b builder) guests(f *form) (map[string]lease, error) {
	var pools []address.Pool
	for _, cidr := range []string{f.outputs.IPv4, f.outputs.IPv6} {
		p, err := cidrPool(cidr)
		if err != nil {
			continue // the network has no addresses of that family
		}
		p.Taken = b.taken(p)
		if p.Subnet.Addr().Is4() {
			p.DHCP, _ = address.ParseRanges(b.current.Config["ipv4.dhcp.ranges"]) // the server has checked them
			f.outputs.DHCP = len(p.DHCP) == 0 && b.current.Config["ipv4.dhcp"] != "false"
		}
		pools = append(pools, *p)
	}
	return b.allocate(f, pools)
}

// withdrawn returns the configuration of a network without anything of a Compose project, and whether that differs.
func withdrawn(n *api.Network, project string) (map[string]string, bool) {
	next := maps.Clone(map[string]string(n.Config))
	for name, l := range readLeases(n.Config) {
		if l.Project == project {
			delete(next, leasePrefix+name)
		}
	}
	if raw := dnsmasq.SetBlock(n.Config[keyRaw], project, nil); raw != "" {
		next[keyRaw] = raw
	} else {
		delete(next, keyRaw)
	}
	return next, !maps.Equal(next, map[string]string(n.Config))
}

// guestOf returns under which name a Compose project declares somebody else's network, from its leases there.
func guestOf(n *api.Network, project string) (string, bool) {
	for _, l := range readLeases(n.Config) {
		if l.Project == project {
			return l.Network, true
		}
	}
	return n.Name, dnsmasq.Block(n.Config[keyRaw], project) != nil
}

// matches says whether a declared external name means the network: its name on the server, the name Docker would use
// for it ("shop_front"), or the name it has in its own compose file.
func matches(n *api.Network, name string) bool {
	project, key := n.Config[resource.KeyProject], n.Config[resource.KeyName]
	return n.Name == name || project != "" && strings.EqualFold(project+"_"+key, name)
}
