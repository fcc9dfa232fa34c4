package main

import (
	"cmp"
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
	// callUpdateAliases takes an aliasRequest and answers a rewritten.
	callUpdateAliases = "update-dns-aliases"
)

// aliasRequest replaces the records of Services by Addresses; all other records stay. What it changes in the records of
// attachments lasts until the network is ensured the next time.
type aliasRequest struct {
	Services  []string            `json:"services"`
	Addresses map[string][]string `json:"addresses"`
}

// rewritten is the answer of verbs that change records.
type rewritten struct {
	Changed bool `json:"changed"`
}

var _ sdk.Caller = (*provider)(nil)

// Call implements sdk.Caller.
func (p *provider) Call(ctx context.Context, req sdk.CallRequest) (json.RawMessage, error) {
	s, err := connect(ctx, p.Settings())
	if err != nil {
		return nil, err
	}
	n, _, err := s.get(cmp.Or(req.State.IncusName, req.Resource.IncusName))
	if err != nil {
		return nil, err
	}
	if n == nil {
		return nil, resource.ErrNotFound.WithResource(req.Resource.Ref).WithHint("create it with `icc up`")
	}
	switch req.Verb {
	case callBridgeIPs:
		return sdk.MustEncode(map[string][]string{"ipv4": bridgeIP(n, "ipv4.address"), "ipv6": bridgeIP(n, "ipv6.address")}), nil
	case callRecords:
		return sdk.MustEncode(dnsmasq.Parse(n.Config[keyRaw])), nil
	case callUpdateAliases:
		return sdk.Answer(ctx, req, func(ctx context.Context, r aliasRequest) (rewritten, error) {
			return s.updateAliases(ctx, n.Name, r)
		})
	case resource.VerbReroute:
		return sdk.Answer(ctx, req, func(ctx context.Context, r resource.Reroute) (rewritten, error) {
			return s.reroute(ctx, n.Name, req, r)
		})
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
func (s *server) updateAliases(ctx context.Context, name string, req aliasRequest) (rewritten, error) {
	addrs, err := req.parse()
	if err != nil {
		return rewritten{}, err
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
		return rewritten{}, resource.ErrDNSWatcher.Wrap(fmt.Errorf("updating the records of network %q: %w", name, err))
	}
	return rewritten{changed}, nil
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
