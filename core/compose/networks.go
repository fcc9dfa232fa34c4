package compose

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// defaultNetwork is the key of the network that services without networks are on.
const defaultNetwork = "default"

// declareNetworks declares the networks that a wanted service is on.
func (t *translator) declareNetworks() {
	used := map[string]bool{}
	for _, name := range t.services {
		s := t.p.Services[name]
		for _, key := range append(t.networkKeys(s), t.stepNetworks(s)...) {
			used[key] = true
		}
	}
	if t.o.AllResources {
		for key := range t.p.Networks {
			used[key] = true
		}
	}
	attachments := t.attachments(used)
	for _, key := range sortedKeys(used) {
		n, ok := t.p.Networks[key]
		if !ok && key != defaultNetwork {
			continue // reported by check
		}
		config := t.network(key, n)
		config.Attachments = attachments[key]
		t.declare(resource.Ref{Kind: resource.KindNetwork, Name: key}, config, "networks."+key)
	}
}

// network translates one network without its attachments.
func (t *translator) network(key string, n types.NetworkConfig) kinds.NetworkConfig {
	path := "networks." + key
	ext := t.extension(n.Extensions, path, networkKeys)
	config := kinds.NetworkConfig{
		Project: t.p.Name, External: bool(n.External), Driver: n.Driver, Internal: n.Internal,
		Isolate: ext.flag("isolate", true), IPv4: n.EnableIPv4 == nil || *n.EnableIPv4,
		IPv6: n.EnableIPv6 != nil && *n.EnableIPv6, DriverOpts: n.DriverOpts, Labels: n.Labels, Incus: ext.config,
	}
	config.Name = ext.text("network")
	if config.Name == "" && (config.External || n.Name != t.p.Name+"_"+key) {
		config.Name = cmp.Or(n.Name, key)
	}
	if key == defaultNetwork && n.Name == "" {
		config.Name = ""
	}
	if config.External && len(ext.config) > 0 {
		t.warn(path+"."+extIncus, "an external network is never changed: x-incus has no effect", "configure it with incus network set")
	}
	t.checkDriver(n, path)
	for i, pool := range n.Ipam.Config {
		if pool == nil {
			continue
		}
		t.checkPool(key, config, pool, t.item(path+".ipam.config", i, len(n.Ipam.Config)))
		config.IPAM = append(config.IPAM, kinds.IPAMPool{
			Subnet: pool.Subnet, Gateway: pool.Gateway, IPRange: pool.IPRange, AuxAddresses: pool.AuxiliaryAddresses,
		})
	}
	return config
}

// checkDriver refuses the drivers that have no counterpart yet.
func (t *translator) checkDriver(n types.NetworkConfig, path string) {
	switch n.Driver {
	case "", "bridge", "default":
	case "overlay":
		t.warn(path+".driver", "overlay networks span several Docker hosts; on Incus this becomes a bridge of one server",
			"remove the driver, or create an OVN network with incus and declare it external")
	default:
		t.fail(path+".driver", fmt.Sprintf("networks with driver %q cannot be created yet", n.Driver),
			"create the network with incus network create and declare it with external: true and its name")
	}
	for _, opt := range sortedKeys(n.DriverOpts) {
		if strings.HasPrefix(opt, "com.docker.") && !knownDriverOpt(opt) {
			t.warn(path+".driver_opts."+opt, fmt.Sprintf("option %q has no counterpart in Incus and is ignored", opt),
				"remove it, or set what you need with x-incus")
		}
	}
}

// knownDriverOpt names the options of Docker's bridge driver that have a counterpart in Incus.
func knownDriverOpt(opt string) bool {
	return slices.Contains([]string{
		"com.docker.network.driver.mtu", "com.docker.network.bridge.name",
		"com.docker.network.bridge.enable_ip_masquerade", "com.docker.network.bridge.gateway_mode_ipv4",
		"com.docker.network.bridge.gateway_mode_ipv6",
	}, opt)
}

// checkPool looks for mistakes in a subnet that would come up late, on the server.
func (t *translator) checkPool(key string, config kinds.NetworkConfig, pool *types.IPAMPool, path string) {
	if pool.Subnet == "" {
		return
	}
	subnet, err := netip.ParsePrefix(pool.Subnet)
	if err != nil {
		t.fail(path+".subnet", fmt.Sprintf("%q is not a subnet", pool.Subnet), "write an address and a length, such as 10.10.0.0/24")
		return
	}
	if subnet.Addr().Is6() && !config.IPv6 {
		t.warn(path+".subnet", "an IPv6 subnet has no effect without enable_ipv6", "set enable_ipv6: true on the network")
	}
	t.claimSubnet(key, config, subnet, path)
	t.checkInside(subnet, path, "gateway", pool.Gateway)
	t.checkInside(subnet, path, "ip_range", pool.IPRange)
}

func (t *translator) checkInside(subnet netip.Prefix, path, attribute, address string) {
	if address == "" {
		return
	}
	start, _, _ := strings.Cut(address, "/")
	if ip, err := netip.ParseAddr(start); err != nil || !subnet.Masked().Contains(ip) {
		t.fail(path+"."+attribute, fmt.Sprintf("%s %q is not in the subnet %s", attribute, address, subnet),
			"choose one inside the subnet")
	}
}

// attachments lists every instance of the project on each of the used networks, wanted now or not, so that addresses
// do not depend on what is started first.
func (t *translator) attachments(used map[string]bool) map[string][]kinds.Attachment {
	out := map[string][]kinds.Attachment{}
	links := t.linkAliases()
	for _, name := range t.p.serviceNames() {
		s := t.p.Services[name]
		for _, key := range t.networkKeys(s) {
			if !used[key] {
				continue
			}
			place := s.Networks[key]
			for _, n := range t.numbers(s) {
				a := kinds.Attachment{
					Instance: instanceName(name, n), IncusName: t.incusName(s, n), Service: name,
					Aliases: t.aliases(s, key, links), NATPorts: t.nat[instanceName(name, n)],
				}
				if place != nil {
					a.IPv4, a.IPv6 = place.Ipv4Address, place.Ipv6Address
				}
				out[key] = append(out[key], a)
			}
		}
		t.attachSteps(s, used, out)
	}
	for key, extras := range t.extras {
		out[key] = append(out[key], extras...)
	}
	return out
}
