package main

import (
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/network/dnsmasq"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// applied returns the record of what icc writes on a network of its own: the keys that it owns, and its block of records.
func applied(next map[string]string, project string) string {
	return sdkincus.Applied(sdkincus.Pick(ownView(next, project), ownNames(next)))
}

// ownNames are the keys that a network's record is about.
func ownNames(config map[string]string) []string {
	return append(sdkincus.OwnedNames(config), keyRaw)
}

// ownView shows of a network's configuration what can drift: of the lines for its DNS server icc's own alone.
func ownView(config map[string]string, project string) map[string]string {
	out := sdkincus.Merge(config)
	out[keyRaw] = strings.Join(dnsmasq.Block(config[keyRaw], project), "\n")
	return out
}

// drift returns what others have changed on a network of this project; f is its declared form, nil when there is none.
func drift(ref resource.Ref, n *api.Network, project string, f *form) (resource.Change, bool) {
	d := sdkincus.Drift{
		Record: n.Config[resource.KeyApplied], Names: ownNames(n.Config), Current: ownView(n.Config, project),
	}
	if f != nil {
		d.Want = ownView(f.put.Config, project)
		for _, family := range []string{"ipv4.address", "ipv6.address"} {
			if d.Want[family] == n.Config[family] {
				delete(d.Want, family) // a subnet that nobody has declared is taken from the network itself
			}
		}
	}
	c, ok := d.Change(ref)
	for i, field := range c.Fields {
		if label, isLabel := strings.CutPrefix(field.Path, resource.KeyLabel); isLabel {
			c.Fields[i].Path = "labels." + label
		} else if field.Path == keyRaw {
			c.Fields[i].Path, c.Fields[i].Before, c.Fields[i].After = "dns", "", "icc's records were edited"
		}
	}
	return c, ok
}
