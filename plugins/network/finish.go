package main

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/network/dnsmasq"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// keyRaw is the network's key for lines of dnsmasq's configuration.
const keyRaw = "raw.dnsmasq"

// finish turns the wanted configuration of a network of our own into what is to be written: want and x-incus on top of
// it, labels, marks, leases and records; besides, what somebody else has set stays.
func (b builder) finish(f *form, want map[string]string, given map[string]lease) {
	given = b.remembered(given)
	for k, v := range b.cfg.Labels {
		want[resource.KeyLabel+k] = v
	}
	for k, v := range b.cfg.Incus {
		switch {
		case k == keyRaw || k == keyACLs || strings.HasPrefix(k, resource.KeyPrefix) || v == "auto" && strings.HasSuffix(k, ".address"):
		default:
			want[k] = v
		}
	}
	current := map[string]string{}
	if b.current != nil {
		current = b.current.Config
	}
	next := b.unowned(current, want)
	maps.Copy(next, want)
	next[resource.KeyOwned] = strings.Join(sortedKeys(want), ",")
	next[resource.KeyProject], next[resource.KeyName], next[resource.KeyVersion] = b.cfg.Project, b.ref.Name, sdk.Version
	if f.acl != nil {
		next[keyACLHash] = f.acl.hash()
	}
	b.writeLeases(next, given)
	if f.kind == typeBridge {
		b.writeRecords(next, current[keyRaw], given, strings.Split(b.cfg.Incus[keyRaw], "\n"))
	}
	next[resource.KeyApplied] = applied(next, b.cfg.Project)
	f.put = api.NetworkPut{Config: next, Description: b.cfg.description(b.ref.Name)}
	f.outputs.IPv4, f.outputs.IPv6 = shown(next["ipv4.address"]), shown(next["ipv6.address"])
	f.fields = differences(current, next)
}

// unowned returns what of the current configuration is not icc's: neither a mark nor a key that icc once set and does
// not want any more.
func (b builder) unowned(current, want map[string]string) map[string]string {
	owned := strings.Split(current[resource.KeyOwned], ",")
	next := make(map[string]string)
	for k, v := range current {
		_, wanted := want[k]
		if !strings.HasPrefix(k, resource.KeyPrefix) && (wanted || !slices.Contains(owned, k)) {
			next[k] = v
		}
	}
	return next
}

// writeLeases puts the leases into a configuration: the given ones and those that have to stay.
func (b builder) writeLeases(next map[string]string, given map[string]lease) {
	for name, l := range b.others() {
		next[leasePrefix+name] = l.String()
	}
	for name, l := range given {
		if len(l.addrs()) > 0 {
			next[leasePrefix+name] = l.String()
		}
	}
}

// writeRecords puts the project's block of DNS records into a configuration.
func (b builder) writeRecords(next map[string]string, raw string, given map[string]lease, more []string) {
	lines := dnsmasq.Lines(b.entries(raw, given), b.policy(raw))
	lines = append(lines, slices.DeleteFunc(more, func(s string) bool { return s == "" })...)
	if raw = dnsmasq.SetBlock(raw, b.cfg.Project, lines); raw != "" {
		next[keyRaw] = raw
	} else {
		delete(next, keyRaw)
	}
}

// entries returns what the DNS records say, in the order of the instances' names: the attachments, and instances that no
// declaration names but that still run for a service that is not declared at all (orphans, other profiles).
func (b builder) entries(raw string, given map[string]lease) []dnsmasq.Entry {
	names := make(map[string][]string, len(given))
	leases := make(map[string]lease, len(given))
	maps.Copy(leases, given)
	for _, a := range b.cfg.Attachments {
		names[a.IncusName] = namesOf(a)
	}
	services, before := b.cfg.services(), dnsmasq.Names(dnsmasq.Block(raw, b.cfg.Project))
	for name, l := range b.others() {
		if l.Project == b.cfg.Project && !services[l.Service] && len(l.addrs()) > 0 {
			leases[name], names[name] = l, before[l.addrs()[0].String()]
		}
	}
	var out []dnsmasq.Entry
	for _, name := range sortedKeys(leases) {
		if addrs := leases[name].addrs(); len(addrs) > 0 {
			out = append(out, dnsmasq.Entry{Names: names[name], Addrs: addrs})
		}
	}
	return out
}

// policy says how the network answers names that nobody has. A network that once had an instance in common with another
// one keeps its policy: `icc up SERVICE` does not show all networks.
func (b builder) policy(raw string) dnsmasq.Policy {
	if b.cfg.External {
		return dnsmasq.Policy{}
	}
	before := dnsmasq.PolicyOf(dnsmasq.Block(raw, b.cfg.Project))
	return dnsmasq.Policy{RefuseUnknown: b.cfg.Crossed || before.RefuseUnknown, NoForward: b.cfg.Internal}
}

// shown returns an address as outputs have it: empty for "none".
func shown(cidr string) string {
	if _, err := netip.ParsePrefix(cidr); err != nil {
		return ""
	}
	return cidr
}
