package main

import (
	"iter"
	"net/netip"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/network/address"
)

// subnets yields the subnets that a network can have automatically.
func subnets(b builder, used []netip.Prefix) iter.Seq[netip.Prefix] {
	return address.Subnets(b.seed(), address.Bits(len(b.cfg.Attachments)), used)
}

// first returns the first of what may be none.
func first(seq iter.Seq[netip.Prefix]) (out netip.Prefix) {
	for p := range seq {
		return p
	}
	return out
}

// used returns the IPv4 subnets that are taken as far as can be seen. It is a help, not a guarantee: what cannot be read
// is left out, and Incus has the last word.
func (e *ensurer) used() []netip.Prefix {
	networks, err := e.list()
	if err != nil {
		return nil
	}
	out := managed(networks)
	for _, n := range networks {
		if !n.Managed {
			out = append(out, e.interfaceSubnets(n.Name)...)
		}
	}
	if !e.settings.Remote {
		out = append(out, hostRoutes()...)
	}
	return out
}

func (e *ensurer) interfaceSubnets(name string) []netip.Prefix {
	state, err := e.UseProject(api.ProjectDefaultName).GetNetworkState(name)
	if err != nil {
		return nil
	}
	var out []netip.Prefix
	for _, a := range state.Addresses {
		if _, subnet, err := address.ParseCIDR(a.Address + "/" + a.Netmask); err == nil && subnet.Addr().Is4() {
			out = append(out, subnet)
		}
	}
	return out
}

// managed returns the IPv4 subnets of the networks that Incus manages.
func managed(networks []api.Network) []netip.Prefix {
	var out []netip.Prefix
	for _, n := range networks {
		if _, subnet, err := address.ParseCIDR(n.Config["ipv4.address"]); n.Managed && err == nil {
			out = append(out, subnet)
		}
	}
	return out
}
