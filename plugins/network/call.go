package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/network/address"
	"github.com/icc-project/icc/plugins/network/dnsmasq"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// The verbs of networks.
const (
	// callBridgeIPs answers {"ipv4": […], "ipv6": […]}: the network's own addresses, without prefix lengths.
	callBridgeIPs = "bridge-ips"
	// callRecords answers {name: [address, …]}: every name that the network's records have, whoever wrote them.
	callRecords = "records"
	// callUpdateAliases takes an aliasRequest and answers {"changed": bool}.
	callUpdateAliases = "update-dns-aliases"
)

// aliasRequest replaces the records of Services by Addresses; all other records stay. What it changes in the records of
// attachments lasts until the network is ensured the next time.
type aliasRequest struct {
	Services  []string            `json:"services"`
	Addresses map[string][]string `json:"addresses"`
}

// Call implements sdk.Caller.
func (p *provider) Call(ctx context.Context, req sdk.CallRequest) (json.RawMessage, error) {
	settings, err := p.configured()
	if err != nil {
		return nil, err
	}
	s, err := connect(ctx, settings)
	if err != nil {
		return nil, err
	}
	defer s.close()
	name := req.Resource.IncusName
	if req.State.IncusName != "" {
		name = req.State.IncusName
	}
	n, _, err := s.get(name)
	if err != nil {
		return nil, err
	}
	if n == nil {
		return nil, resource.ErrNotFound.WithResource(req.Resource.Ref).WithHint("create it with icc up")
	}
	switch req.Verb {
	case callBridgeIPs:
		return encode(map[string][]string{"ipv4": bridgeIP(n, "ipv4.address"), "ipv6": bridgeIP(n, "ipv6.address")})
	case callRecords:
		return encode(dnsmasq.Parse(n.Config[keyRaw]))
	case callUpdateAliases:
		return updateAliases(ctx, s, n.Name, req.Request)
	case resource.VerbReroute:
		return reroute(ctx, s, n.Name, req)
	}
	return nil, resource.ErrUnsupportedAction.WithResource(req.Resource.Ref).WithText(fmt.Sprintf("networks have no verb %q", req.Verb))
}

func bridgeIP(n *api.Network, key string) []string {
	addr, _, err := address.ParseCIDR(n.Config[key])
	if err != nil {
		return []string{}
	}
	return []string{addr.String()}
}

// updateAliases writes other addresses for some names into the project's block; equal records are no write.
func updateAliases(ctx context.Context, s *server, name string, raw json.RawMessage) (json.RawMessage, error) {
	var req aliasRequest
	if err := json.Unmarshal(raw, &req); err != nil {
		return nil, resource.ErrInvalidFormat.Wrap(fmt.Errorf("reading the aliases: %w", err))
	}
	addrs, err := req.parse()
	if err != nil {
		return nil, err
	}
	project := s.settings.ComposeProject
	changed, err := s.rewrite(ctx, name, func(n *api.Network) (api.NetworkPut, bool, error) {
		before := dnsmasq.Block(n.Config[keyRaw], project)
		put := n.Writable()
		put.Config[keyRaw] = dnsmasq.SetBlock(n.Config[keyRaw], project, dnsmasq.SetNames(before, req.Services, addrs))
		if n.Config[resource.KeyApplied] != "" {
			put.Config[resource.KeyApplied] = applied(put.Config, project)
		}
		return put, !sameRecords(before, req.Services, req.Addresses), nil
	})
	if err != nil {
		return nil, resource.ErrDNSWatcher.Wrap(fmt.Errorf("updating the records of network %q: %w", name, err))
	}
	return encode(map[string]bool{"changed": changed})
}

func (r aliasRequest) parse() (map[string][]netip.Addr, error) {
	out := make(map[string][]netip.Addr)
	for _, name := range r.Services {
		if !dnsmasq.ValidName(name) {
			return nil, resource.ErrInvalidFormat.WithText(fmt.Sprintf("%q cannot be a host name", name))
		}
		for _, s := range r.Addresses[name] {
			a, err := netip.ParseAddr(s)
			if err != nil {
				return nil, resource.ErrInvalidFormat.Wrap(err)
			}
			out[name] = append(out[name], a)
		}
	}
	return out, nil
}

// sameRecords says whether the block's lines say of the names what they are to say.
func sameRecords(lines, names []string, want map[string][]string) bool {
	have := dnsmasq.Parse(strings.Join(lines, "\n"))
	for _, name := range names {
		if strings.Join(have[strings.ToLower(name)], ",") != strings.Join(want[name], ",") {
			return false
		}
	}
	return true
}
