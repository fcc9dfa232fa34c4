package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/network/dnsmasq"
	"github.com/icc-project/icc/sdk"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// reroute has the names of services lead to other instances, with one write for all of them: Incus starts the network's
// DNS server anew for each. An instance's own name always leads to it.
func (s *server) reroute(ctx context.Context, name string, req sdk.CallRequest, r resource.Reroute) (rewritten, error) {
	cfg, err := decode(req.Resource.Ref, req.Resource.Config)
	if err != nil {
		return rewritten{}, err
	}
	var outputs kinds.NetworkOutputs
	if err := json.Unmarshal(req.State.Outputs, &outputs); err != nil {
		return rewritten{}, resource.ErrInvalidFormat.Wrap(fmt.Errorf("reading the addresses on %s: %w", req.Resource.Name, err))
	}
	changed, err := s.rewrite(ctx, name, func(n *api.Network) (api.NetworkPut, bool, error) {
		b := builder{ref: req.Resource.Ref, cfg: cfg, name: n.Name, incusProject: s.settings.IncusProject, current: n}
		put := n.Writable()
		differs := b.reroute(put.Config, outputs.Addresses, r)
		return put, differs, nil
	})
	if err != nil {
		return rewritten{}, resource.ErrDNSWatcher.Wrap(fmt.Errorf("updating the records of network %q: %w", name, err))
	}
	if changed && len(r.Out) > 0 {
		err = sdkincus.Pause(ctx, settle)
	}
	return rewritten{changed}, err
}

// settle is how long those may take for a request who looked a name up just before it led elsewhere: what they were told
// of is stopped next.
const settle = 500 * time.Millisecond

// reroute writes the records into a configuration as finish does, but for the names of the instances that are out, and
// says whether that changes them. Who is out is on record only there, so the others stay what they are.
func (b builder) reroute(config map[string]string, given map[string]kinds.Address, r resource.Reroute) bool {
	raw := config[keyRaw]
	have := dnsmasq.Parse(strings.Join(dnsmasq.Block(raw, b.cfg.Project), "\n"))
	leases := make(map[string]lease, len(b.cfg.Attachments))
	all := slices.Clone(b.cfg.Attachments)
	for i, a := range all {
		l := lease{Project: b.cfg.Project, Network: b.ref.Name, Instance: a.Instance, Service: a.Service}
		l.IPv4, l.IPv6 = given[a.Instance].IPv4, given[a.Instance].IPv6
		leases[a.IncusName] = l
		if in(a, l, have, r) {
			all[i].Fleeting = false
		} else {
			all[i].Service, all[i].Aliases = "", nil
		}
	}
	b.cfg.Attachments = all
	b.writeRecords(config, raw, leases, strings.Split(b.cfg.Incus[keyRaw], "\n"))
	return config[keyRaw] != raw
}

// in says whether the names of its service are to lead to an instance.
func in(a kinds.Attachment, l lease, have map[string][]string, r resource.Reroute) bool {
	switch {
	case slices.Contains(refNames(r.Out), a.Instance):
		return false
	case slices.Contains(refNames(r.In), a.Instance):
		return true
	}
	return slices.ContainsFunc(l.addrs(), func(addr netip.Addr) bool {
		return slices.Contains(have[strings.ToLower(a.Service)], addr.String())
	})
}

func refNames(refs []resource.Ref) []string {
	var names []string
	for _, ref := range refs {
		names = append(names, ref.Name)
	}
	return names
}
