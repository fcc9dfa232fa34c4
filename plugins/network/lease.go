package main

import (
	"encoding/json"
	"net/netip"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/kinds"
)

// leasePrefix begins the network's keys that hold one lease each; the instance's name on the server follows.
const leasePrefix = "user.icc.address."

// lease is what the network remembers of an instance: who it is and which addresses it was given.
type lease struct {
	// Project is the Compose project, Network the key under which it declares the network.
	Project  string `json:"project"`
	Network  string `json:"network"`
	Instance string `json:"instance"`
	Service  string `json:"service"`
	IPv4     string `json:"ipv4,omitempty"`
	IPv6     string `json:"ipv6,omitempty"`
}

func (l lease) String() string {
	raw, err := json.Marshal(l)
	if err != nil {
		panic(err) // a struct of strings always has a JSON form
	}
	return string(raw)
}

func (l lease) address() kinds.Address { return kinds.Address{IPv4: l.IPv4, IPv6: l.IPv6} }

// addrs returns the valid addresses of the lease.
func (l lease) addrs() []netip.Addr {
	var out []netip.Addr
	for _, s := range []string{l.IPv4, l.IPv6} {
		if a, err := netip.ParseAddr(s); err == nil {
			out = append(out, a)
		}
	}
	return out
}

// readLeases returns the leases in a network's configuration by the instance's name on the server. What cannot be read
// is left out; the next write replaces it.
func readLeases(config map[string]string) map[string]lease {
	out := make(map[string]lease)
	for key, value := range config {
		name, ok := strings.CutPrefix(key, leasePrefix)
		if !ok {
			continue
		}
		if l, err := readLease(value); err == nil {
			out[name] = l
		}
	}
	return out
}

// readLease reads what String wrote.
func readLease(stored string) (l lease, err error) {
	err = json.Unmarshal([]byte(stored), &l)
	return l, err
}

// users returns the instances of one Incus project that use the network, of all where none is named.
func users(n *api.Network, incusProject string) map[string]bool {
	out := make(map[string]bool)
	for _, u := range sdkincus.Users(n.UsedBy) {
		if u.Kind == "instance" && (incusProject == "" || u.Project == incusProject) {
			out[u.Name] = true
		}
	}
	return out
}
