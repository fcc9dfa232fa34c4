package main

import (
	"errors"
	"net/netip"

	"github.com/icc-project/icc/plugins/network/address"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// pools decides the subnets of a network of our own, writes their configuration to want and returns what can be
// allocated in them, one pool for each family that is on.
func (b builder) pools(want map[string]string) ([]address.Pool, error) {
	var pools []address.Pool
	p4, err := b.pool("ipv4", b.cfg.IPv4)
	if err != nil {
		return nil, err
	}
	want["ipv4.address"], want["ipv6.address"] = "none", "none"
	if p4 != nil {
		b.configure4(want, p4)
		pools = append(pools, *p4)
	}
	p6, err := b.pool("ipv6", b.cfg.IPv6)
	if err != nil {
		return nil, err
	}
	if p6 != nil {
		b.configure6(want, p6)
		pools = append(pools, *p6)
	}
	return pools, nil
}

// pool returns the pool of one family, nil when the network has no addresses of it.
func (b builder) pool(family string, on bool) (*address.Pool, error) {
	raw := b.cfg.Incus[family+".address"]
	if raw == "none" || !on && raw == "" {
		return nil, nil
	}
	p, err := b.subnetOf(family, raw)
	if err != nil {
		return nil, resource.ErrConfig.WithResource(b.ref).WithText(err.Error()).
			WithHint("choose a subnet with ipam.config[].subnet, written as 10.10.0.0/24")
	}
	p.Taken = b.taken(p)
	return p, nil
}

// subnetOf finds the subnet: x-incus' before ipam's before the network's own before a chosen one.
func (b builder) subnetOf(family, raw string) (*address.Pool, error) {
	if raw != "" && raw != "auto" {
		return cidrPool(raw)
	}
	if ipam, ok := b.ipam(family); ok {
		return ipamPool(ipam)
	}
	if b.current != nil {
		if p, err := cidrPool(b.current.Config[family+".address"]); err == nil {
			return p, nil
		}
	}
	subnet := address.Subnet6(b.seed())
	if family == "ipv4" {
		if subnet = b.choose(); !subnet.IsValid() {
			return nil, errors.New("no private subnet is free on the server")
		}
	}
	return &address.Pool{Subnet: subnet, Gateway: address.Gateway(subnet)}, nil
}

// seed makes what is chosen for the network repeatable.
func (b builder) seed() string { return b.cfg.Project + "/" + b.name }

// ipam returns the declared pool of a family.
func (b builder) ipam(family string) (kinds.IPAMPool, bool) {
	for _, p := range b.cfg.IPAM {
		subnet, err := netip.ParsePrefix(p.Subnet)
		if err == nil && subnet.Addr().Is4() == (family == "ipv4") {
			return p, true
		}
	}
	return kinds.IPAMPool{}, false
}

func cidrPool(cidr string) (*address.Pool, error) {
	gateway, subnet, err := address.ParseCIDR(cidr)
	if err != nil {
		return nil, err
	}
	return &address.Pool{Subnet: subnet, Gateway: gateway}, nil
}

func ipamPool(ipam kinds.IPAMPool) (*address.Pool, error) {
	subnet, err := netip.ParsePrefix(ipam.Subnet)
	if err != nil {
		return nil, err
	}
	p := &address.Pool{Subnet: subnet.Masked(), Gateway: address.Gateway(subnet)}
	if ipam.Gateway != "" {
		if p.Gateway, err = netip.ParseAddr(ipam.Gateway); err != nil {
			return nil, err
		}
	}
	if ipam.IPRange != "" {
		if p.Within, err = netip.ParsePrefix(ipam.IPRange); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// taken returns the addresses of the pool that belong to others. What the server has seen of instances with a lease is
// not news: native images show up with the very address that they were given.
func (b builder) taken(p *address.Pool) map[netip.Addr]bool {
	out := b.reserved(p)
	leased, there, attached := make(map[netip.Addr]bool), b.others(), b.attachments()
	for name, l := range b.leases() {
		_, stays := there[name]
		if _, declared := attached[name]; !stays && !declared {
			continue // who had the lease is gone, so somebody else may have the address
		}
		for _, a := range l.addrs() {
			leased[a] = true
		}
	}
	for a := range b.seen.others {
		if !leased[a] {
			out[a] = true
		}
	}
	return out
}

// reserved returns the addresses of the pool that are on record for others.
func (b builder) reserved(p *address.Pool) map[netip.Addr]bool {
	out := make(map[netip.Addr]bool)
	for _, l := range b.others() {
		for _, a := range l.addrs() {
			out[a] = true
		}
	}
	for _, ipam := range b.cfg.IPAM {
		for _, s := range ipam.AuxAddresses {
			if a, err := netip.ParseAddr(s); err == nil && p.Subnet.Contains(a) {
				out[a] = true
			}
		}
	}
	return out
}

// configure4 writes the IPv4 keys. The top of the subnet goes to DHCP, less what somebody wants there.
func (b builder) configure4(want map[string]string, p *address.Pool) {
	want["ipv4.address"] = cidr(p)
	want["ipv4.nat"] = onOff(b.cfg.masquerades(optMode4))
	except := b.reserved(p)
	except[p.Gateway] = true
	for _, a := range b.cfg.Attachments {
		if addr, err := netip.ParseAddr(a.IPv4); err == nil {
			except[addr] = true
		}
	}
	p.DHCP = address.DHCPBlock(p.Subnet, except)
	if raw := b.cfg.Incus["ipv4.dhcp.ranges"]; raw != "" {
		if rs, err := address.ParseRanges(raw); err == nil {
			p.DHCP = rs
		}
	}
	if len(p.DHCP) > 0 {
		want["ipv4.dhcp.ranges"] = address.FormatRanges(p.DHCP)
	} else {
		want["ipv4.dhcp"] = "false"
	}
	if b.cfg.Internal {
		want["ipv4.dhcp.gateway"] = "none"
	}
}

// configure6 writes the IPv6 keys. Guests of others make their own addresses in the upper half of each.
func (b builder) configure6(want map[string]string, p *address.Pool) {
	want["ipv6.address"] = cidr(p)
	want["ipv6.nat"] = onOff(b.cfg.masquerades(optMode6))
}

func cidr(p *address.Pool) string {
	return netip.PrefixFrom(p.Gateway, p.Subnet.Bits()).String()
}

func onOff(on bool) string {
	if on {
		return "true"
	}
	return "false"
}
