package compose

import (
	"fmt"
	"net/netip"

	"github.com/icc-project/icc/sdk/kinds"
)

// subnet is one that the compose files give to a network.
type subnet struct {
	prefix  netip.Prefix
	network string
}

// claimSubnet refuses a subnet that another network of the project has, or a part of it: the server would find out when
// half of the networks are there.
func (t *translator) claimSubnet(key string, config kinds.NetworkConfig, prefix netip.Prefix, path string) {
	used := config.IPv4
	if prefix.Addr().Is6() {
		used = config.IPv6
	}
	if config.External || !used {
		return
	}
	for _, other := range t.subnets {
		if other.network != key && other.prefix.Overlaps(prefix) {
			t.fail(path+".subnet", fmt.Sprintf("subnet %s overlaps with %s of network %q", prefix, other.prefix, other.network),
				"give the two networks subnets of their own, or none: icc then finds free ones")
			return
		}
	}
	t.subnets = append(t.subnets, subnet{prefix: prefix, network: key})
}
