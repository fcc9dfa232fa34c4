package compose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/icc-project/icc/sdk/kinds"
)

// networkKeys returns the networks of a service in the order of its NICs: highest priority first, then by name.
func (t *translator) networkKeys(s serviceConfig) []string {
	switch {
	case s.Provider != nil:
		return nil
	case s.NetworkMode == "bridge" || s.NetworkMode == defaultNetwork:
		return []string{defaultNetwork}
	case s.NetworkMode != "":
		return nil
	}
	return s.NetworksByPriority()
}

// nics translates a service's networks.
func (t *translator) nics(s serviceConfig) []kinds.NIC {
	keys := t.networkKeys(s)
	gateway := t.gateway(s, keys)
	links := t.linkAliases()
	var nics []kinds.NIC
	for i, key := range keys {
		path := servicePath(s.Name) + ".networks." + key
		nic := kinds.NIC{Network: key, Aliases: t.aliases(s, key, links), Gateway: key == gateway}
		if i == 0 {
			nic.MACAddress = s.MacAddress
		}
		if place := s.Networks[key]; place != nil {
			nic.Interface, nic.IPv4, nic.IPv6 = place.InterfaceName, place.Ipv4Address, place.Ipv6Address
			if place.MacAddress != "" {
				nic.MACAddress = place.MacAddress
			}
			nic.Incus = t.extension(place.Extensions, path, attachmentKeys).config
		}
		if t.replicas(s) > 1 && (nic.IPv4 != "" || nic.IPv6 != "" || nic.MACAddress != "") {
			t.fail(path, fmt.Sprintf("service %q has %d replicas, which cannot share one fixed address", s.Name, t.replicas(s)),
				"remove ipv4_address, ipv6_address and mac_address, or use one replica")
		}
		nics = append(nics, nic)
	}
	return nics
}

// gateway chooses the network that default routes go through: the highest gw_priority, else the first one that has a
// way out.
func (t *translator) gateway(s serviceConfig, keys []string) string {
	best, bestPriority := "", 0
	for _, key := range keys {
		place := s.Networks[key]
		if t.p.Networks[key].Internal || t.closed(s, key) {
			continue
		}
		priority := 0
		if place != nil {
			priority = place.GatewayPriority
		}
		if best == "" || priority > bestPriority {
			best, bestPriority = key, priority
		}
	}
	return best
}

// closed says whether x-icc.internal keeps a service's default route off a network.
func (t *translator) closed(s serviceConfig, key string) bool {
	place := s.Networks[key]
	if place == nil || len(place.Extensions) == 0 {
		return false
	}
	ext := t.extension(place.Extensions, servicePath(s.Name)+".networks."+key, attachmentKeys)
	return ext.flag("internal", false)
}

// aliases returns the further names of a service on a network: its own aliases, its container name, and the names
// under which other services on the network link to it.
func (t *translator) aliases(s serviceConfig, key string, links map[string][]link) []string {
	var names []string
	if place := s.Networks[key]; place != nil {
		names = append(names, place.Aliases...)
	}
	if s.ContainerName != "" {
		names = append(names, s.ContainerName)
	}
	for _, l := range links[s.Name] {
		if slices.Contains(t.networkKeys(t.p.Services[l.from]), key) {
			names = append(names, l.alias)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return slices.DeleteFunc(names, func(n string) bool { return n == s.Name })
}

// link is a name under which a service knows another one.
type link struct{ from, alias string }

// linkAliases returns the links with an alias by the service that they lead to.
func (t *translator) linkAliases() map[string][]link {
	if t.links != nil {
		return t.links
	}
	t.links = map[string][]link{}
	for _, name := range t.p.serviceNames() {
		for _, l := range t.p.Services[name].Links {
			if target, alias, ok := strings.Cut(l, ":"); ok && alias != target {
				t.links[target] = append(t.links[target], link{from: name, alias: alias})
			}
		}
	}
	return t.links
}
