package main

import (
	"maps"
	"net/netip"
	"slices"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/network/address"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// builder computes what a network has to look like. It asks nobody: equal fields give equal forms.
type builder struct {
	ref  resource.Ref
	cfg  config
	name string // on the server
	// incusProject is where the instances are.
	incusProject string
	// current is the network as it is, nil when it is to be made.
	current *api.Network
	// choose finds the IPv4 subnet to use when neither the declaration nor the network has one.
	choose func() netip.Prefix
	// seen are the addresses that the server says are in use, where it was asked.
	seen sighting
}

// form is what a network has to look like, and how that differs from what it is.
type form struct {
	put     api.NetworkPut
	kind    string // Incus' network type
	outputs kinds.NetworkOutputs
	acl     *acl // nil when the network needs none
	// fields are the differences that make a write necessary.
	fields []resource.FieldChange
	// fresh says that an address was given that the network did not have before.
	fresh bool
}

// build returns the network's form.
func (b builder) build() (*form, error) {
	if b.cfg.External {
		return b.external()
	}
	kind, _ := driverType(b.cfg.Driver)
	f := &form{kind: kind, outputs: kinds.NetworkOutputs{IncusName: b.name, Internal: b.cfg.Internal, Managed: true}}
	want, nic := b.cfg.driverConfig()
	if len(nic) > 0 {
		f.outputs.NIC = nic
	}
	if kind == typeMacvlan {
		b.finish(f, want, nil)
		return f, nil
	}
	pools, err := b.pools(want)
	if err != nil {
		return nil, err
	}
	given, err := b.allocate(f, pools)
	if err != nil {
		return nil, err
	}
	b.isolate(f, want, pools, given)
	b.finish(f, want, given)
	return f, nil
}

// allocate gives every attachment its addresses and notes them among the outputs. Those of the fleeting ones come last
// and are not to be remembered.
func (b builder) allocate(f *form, pools []address.Pool) (given map[string]lease, err error) {
	if len(pools) == 0 {
		return nil, nil
	}
	given = make(map[string]lease, len(b.cfg.Attachments))
	for _, a := range b.cfg.Attachments {
		given[a.IncusName] = lease{Project: b.cfg.Project, Network: b.ref.Name, Instance: a.Instance, Service: a.Service}
	}
	old := b.leases()
	for _, p := range pools {
		lasting, fleeting := b.requests(p, old)
		addrs, err := address.Allocate(p, lasting)
		if err != nil {
			return nil, err
		}
		p.Taken = maps.Clone(p.Taken)
		for _, a := range addrs {
			p.Taken[a] = true
		}
		short, err := address.Allocate(p, fleeting)
		if err != nil {
			return nil, err
		}
		maps.Copy(addrs, short)
		for name, a := range addrs {
			l := given[name]
			if a.Is4() {
				l.IPv4 = a.String()
			} else {
				l.IPv6 = a.String()
			}
			given[name] = l
		}
	}
	f.outputs.Addresses = make(map[string]kinds.Address, len(given))
	for name, l := range given {
		f.outputs.Addresses[l.Instance] = l.address()
		f.fresh = f.fresh || old[name].address() != l.address()
	}
	return given, nil
}

// remembered returns the leases without those of fleeting attachments.
func (b builder) remembered(given map[string]lease) map[string]lease {
	out := maps.Clone(given)
	for _, a := range b.cfg.Attachments {
		if a.Fleeting {
			delete(out, a.IncusName)
		}
	}
	return out
}

// fleets says whether an attachment is fleeting.
func (b builder) fleets() bool {
	return slices.ContainsFunc(b.cfg.Attachments, func(a kinds.Attachment) bool { return a.Fleeting })
}

// forgotten says that an attached instance is on the network, which gives it an address and has no record of one.
func (b builder) forgotten(f *form) bool {
	there, leases := users(b.current, b.incusProject), b.leases()
	return slices.ContainsFunc(b.cfg.Attachments, func(a kinds.Attachment) bool {
		_, known := leases[a.IncusName]
		_, given := f.outputs.Addresses[a.Instance]
		return there[a.IncusName] && !known && given && !a.Fleeting
	})
}

// requests returns what the attachments ask of a pool, the fleeting ones apart.
func (b builder) requests(p address.Pool, old map[string]lease) (lasting, fleeting []address.Request) {
	for _, a := range b.cfg.Attachments {
		r := address.Request{Key: a.IncusName}
		if a.Fleeting {
			fleeting = append(fleeting, r)
			continue
		}
		wanted, kept := a.IPv6, ""
		l, own := old[a.IncusName]
		own = own && l.Project == b.cfg.Project
		if p.Subnet.Addr().Is4() {
			wanted, kept = a.IPv4, l.IPv4
		} else if own {
			kept = l.IPv6
		}
		if addr, err := netip.ParseAddr(wanted); err == nil {
			r.Wanted = addr
		}
		if addr, err := netip.ParseAddr(kept); err == nil && own {
			r.Kept = addr
		} else if i := slices.IndexFunc(b.seen.own[a.IncusName], p.Subnet.Contains); !own && i >= 0 {
			r.Kept = b.seen.own[a.IncusName][i] // the network has forgotten it
		}
		lasting = append(lasting, r)
	}
	return lasting, fleeting
}

// leases returns all leases on the network, of other projects as well.
func (b builder) leases() map[string]lease {
	if b.current == nil {
		return nil
	}
	return readLeases(b.current.Config)
}

// attachments returns the declared attachments by the instance's name on the server.
func (b builder) attachments() map[string]kinds.Attachment {
	out := make(map[string]kinds.Attachment, len(b.cfg.Attachments))
	for _, a := range b.cfg.Attachments {
		out[a.IncusName] = a
	}
	return out
}

// others returns the leases that are to stay beside those of the attachments: other projects', and own ones of instances
// that are not declared but still there.
func (b builder) others() map[string]lease {
	out := make(map[string]lease)
	if b.current == nil {
		return out
	}
	there, attached := users(b.current, b.incusProject), b.attachments()
	for name, l := range b.leases() {
		_, declared := attached[name]
		if l.Project != b.cfg.Project || !declared && there[name] {
			out[name] = l
		}
	}
	return out
}
