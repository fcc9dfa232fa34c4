package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/naming"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/sdk/schema"
)

// config is a network's declaration and what Resolve found out about it from the other networks.
type config struct {
	kinds.NetworkConfig
	// Crossed says that an instance on this network is on another one, too, and has to find the names of both.
	Crossed bool `json:"crossed,omitempty"`
}

func decode(ref resource.Ref, raw json.RawMessage) (config, error) {
	var c config
	if err := schema.Decode(raw, &c); err != nil {
		return c, resource.About(err, ref, "")
	}
	return c, nil
}

// driverType returns Incus' network type for Compose's driver.
func driverType(driver string) (string, bool) {
	switch driver {
	case "", "default", "bridge", "overlay":
		return typeBridge, true
	case typeMacvlan:
		return typeMacvlan, true
	}
	return "", false
}

const (
	typeBridge  = "bridge"
	typeMacvlan = "macvlan"
)

// Options of Docker's drivers that have a counterpart.
const (
	optMTU         = "com.docker.network.driver.mtu"
	optBridgeName  = "com.docker.network.bridge.name"
	optMasquerade  = "com.docker.network.bridge.enable_ip_masquerade"
	optICC         = "com.docker.network.bridge.enable_icc"
	optMode4       = "com.docker.network.bridge.gateway_mode_ipv4"
	optMode6       = "com.docker.network.bridge.gateway_mode_ipv6"
	optParent      = "parent"
	optMacvlanMode = "macvlan_mode"
)

func knownOptions() []string {
	return []string{optMTU, optBridgeName, optMasquerade, optICC, optMode4, optMode6, optParent, optMacvlanMode}
}

// incusName returns the name that the network has or gets on the server.
func (c config) incusName(key string) string {
	s := naming.Scope{Project: c.Project}
	switch {
	case c.External:
		return s.NamedNetwork(cmp.Or(c.Name, key))
	case c.DriverOpts[optBridgeName] != "":
		return s.NamedNetwork(c.DriverOpts[optBridgeName])
	case c.Name != "":
		return s.NamedNetwork(c.Name)
	}
	return s.Network(key)
}

// namesOf returns the DNS names of an attachment, the instance's own first.
func namesOf(a kinds.Attachment) []string {
	if a.Fleeting {
		return nil
	}
	all := append([]string{a.IncusName, a.Service}, a.Aliases...)
	var out []string
	for _, n := range all {
		if n != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// services returns the services that have attachments.
func (c config) services() map[string]bool {
	out := make(map[string]bool)
	for _, a := range c.Attachments {
		out[a.Service] = true
	}
	return out
}

// driverConfig returns the Incus configuration of the driver options and the options that the NICs need.
func (c config) driverConfig() (network, nic map[string]string) {
	network, nic = map[string]string{}, map[string]string{}
	o := c.DriverOpts
	if kind, _ := driverType(c.Driver); kind == typeMacvlan {
		network["parent"] = o[optParent]
		if o[optMacvlanMode] != "" {
			nic["mode"] = o[optMacvlanMode]
		}
		if o[optMTU] != "" {
			network["mtu"] = o[optMTU]
		}
		return network, nic
	}
	if o[optMTU] != "" {
		network["bridge.mtu"] = o[optMTU]
	}
	if o[optICC] == "false" {
		nic["security.port_isolation"] = "true"
	}
	return network, nic
}

// masquerades says whether what leaves the network gets the server's address.
func (c config) masquerades(modeOption string) bool {
	mode := c.DriverOpts[modeOption]
	return !c.Internal && c.DriverOpts[optMasquerade] != "false" && mode != "routed" && mode != "isolated"
}

// description is what `incus network list` shows.
func (c config) description(key string) string {
	return fmt.Sprintf("Network %s of Compose project %s", key, c.Project)
}

// sortedKeys returns a map's keys in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
