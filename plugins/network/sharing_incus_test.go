//go:build incus

package main

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/network/dnsmasq"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// bridge makes a network that icc knows nothing of, and returns its configuration.
func (s *shop) bridge(name string, config map[string]string) map[string]string {
	s.t.Helper()
	config["ipv6.address"] = "none"
	if err := s.server.CreateNetwork(api.NetworksPost{Name: name, Type: "bridge", NetworkPut: api.NetworkPut{Config: config}}); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if err := s.server.DeleteNetwork(name); err != nil {
			s.t.Error(err)
		}
	})
	return s.config(name)
}

func (s *shop) config(name string) map[string]string {
	s.t.Helper()
	n, _, err := s.server.GetNetwork(name)
	if err != nil {
		s.t.Fatal(err)
	}
	return n.Config
}

// outside declares somebody else's network.
func (s *shop) outside(name string, instances ...string) kinds.NetworkConfig {
	cfg := s.network(instances...)
	cfg.External, cfg.Name = true, name
	return cfg
}

func TestProjectsOfEqualNetworkNamesDoNotMeet(t *testing.T) {
	a, b := newShop(t, "alpha"), newShop(t, "beta")
	outA := a.ensure(networks{"front": a.network("web-1")})["front"]
	outB := b.ensure(networks{"front": b.network("web-1")})["front"]
	if outA.IncusName == outB.IncusName || outA.IPv4 == outB.IPv4 {
		t.Errorf("both got %+v and %+v", outA, outB)
	}
	a.down()
	if diff := cmp.Diff(outB, b.ensure(networks{"front": b.network("web-1")})["front"]); diff != "" {
		t.Errorf("the end of the other one changed it: %s", diff)
	}
}

func TestTwoProjectsShareAnExternalNetwork(t *testing.T) {
	a, b := newShop(t, "tenant"), newShop(t, "lodger")
	before := a.bridge("commons", map[string]string{"ipv4.address": "10.211.0.1/24", "ipv4.nat": "true",
		"ipv4.dhcp.ranges": "10.211.0.2-10.211.0.99", "raw.dnsmasq": "host-record=printer,10.211.0.200"})

	var wg sync.WaitGroup // at once, so that one of them has to write again
	outs := make([]kinds.NetworkOutputs, 2)
	for i, s := range []*shop{a, b} {
		wg.Go(func() { outs[i] = s.ensure(networks{"net": s.outside("commons", "web-1", "web-2")})["net"] })
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, o := range outs {
		if o.DHCP || !o.External || o.IncusName != "commons" || len(o.Addresses) != 2 {
			t.Errorf("outputs are %+v", o)
		}
		for _, addr := range o.Addresses {
			if seen[addr.IPv4] || !strings.HasPrefix(addr.IPv4, "10.211.0.10") {
				t.Errorf("%s is given twice or belongs to DHCP", addr.IPv4)
			}
			seen[addr.IPv4] = true
		}
	}
	records := dnsmasq.Parse(a.config("commons")[keyRaw])
	if len(records["web"]) != 4 || len(records["tenant-web-1"]) != 1 || len(records["printer"]) != 1 {
		t.Errorf("records are %v", records)
	}
	if wrote := a.writes(func() { a.ensure(networks{"net": a.outside("commons", "web-1", "web-2")}) }); len(wrote) > 0 {
		t.Errorf("a second time it writes %q", wrote)
	}
	a.down()
	if got := dnsmasq.Parse(b.config("commons")[keyRaw]); len(got["web"]) != 2 || len(got["tenant-web-1"]) != 0 || len(got["printer"]) != 1 {
		t.Errorf("after one has left, records are %v", got)
	}
	b.down()
	if diff := cmp.Diff(before, b.config("commons")); diff != "" {
		t.Errorf("after both have left, the network is changed: %s", diff)
	}
	b.down()
}

func TestAnExternalNetworkWhoseDHCPHasEverything(t *testing.T) {
	s := newShop(t, "guest")
	s.bridge("full", map[string]string{"ipv4.address": "10.212.0.1/24", "ipv4.nat": "true"})
	s.container("other", "sleep 1000") // no network yet
	s.host.Output(t, "incus", "network", "attach", "full", "guest-other", "eth0", "--project", "guest")
	s.host.Output(t, "incus", "config", "device", "set", "guest-other", "eth0", "ipv6.address=none", "ipv4.address=10.212.0.2", "--project", "guest")
	s.host.Output(t, "incus", "restart", "-f", "guest-other", "--project", "guest")

	out := s.ensure(networks{"default": s.network("web-1"), "net": s.outside("full", "web-1")})
	own, net := out["default"], out["net"]
	if !net.DHCP || net.Addresses["web-1"].IPv4 == "10.212.0.2" {
		t.Errorf("outputs are %+v; 10.212.0.2 is somebody's", net)
	}
	s.container("web-1", serveHTTP, place{own, own.Addresses["web-1"].IPv4, true}, place{net, net.Addresses["web-1"].IPv4, false})
	for want, ask := range map[string][]string{
		net.Addresses["web-1"].IPv4 + "/24":                  {"ip", "-4", "-o", "address", "show", "dev", "eth1"}, // by DHCP
		"default via " + strings.TrimSuffix(own.IPv4, "/24"): {"ip", "route"},
	} {
		var got string
		if !s.soon(true, func() bool { got, _ = s.inside("web-1", ask...); return strings.Contains(got, want) }) {
			t.Errorf("%v says %q, want %s", ask, got, want)
		}
	}
	if !s.reaches("other", "web", true) {
		t.Error("the neighbour does not reach it by name")
	}
}

func TestExternalNetworksThatIncusDoesNotManage(t *testing.T) {
	s := newShop(t, "bare")
	s.host.Output(t, "ip", "link", "add", "br-byhand", "type", "bridge")
	t.Cleanup(func() { s.host.Output(t, "ip", "link", "delete", "br-byhand") })
	var out kinds.NetworkOutputs
	wrote := s.writes(func() { out = s.ensure(networks{"net": s.outside("br-byhand", "web-1")})["net"] })
	if diff := cmp.Diff(kinds.NetworkOutputs{IncusName: "br-byhand", External: true}, out); diff != "" || len(wrote) > 0 {
		t.Errorf("%s wrote %q", diff, wrote)
	}
}

func TestExternalNetworksAreFoundByTheirComposeName(t *testing.T) {
	a, b := newShop(t, "infra"), newShop(t, "app")
	proxy := a.network("proxy-1")
	first := a.ensure(networks{"edge": proxy})["edge"]
	out := b.ensure(networks{"edge": b.outside("infra_edge", "web-1")})["edge"] // Docker's name for it
	if out.IncusName != first.IncusName || !out.External || out.DHCP {
		t.Fatalf("found %+v", out)
	}
	if diff := cmp.Diff(first, a.ensure(networks{"edge": proxy})["edge"]); diff != "" {
		t.Errorf("the owner's outputs changed: %s", diff)
	}
	if got := dnsmasq.Parse(a.config(first.IncusName)[keyRaw]); len(got["web"]) != 1 || len(got["proxy"]) != 1 {
		t.Errorf("records are %v", got)
	}
	b.down()
	a.down()
}

func TestWhatMustNotBeTouched(t *testing.T) {
	s, other := newShop(t, "mine"), newShop(t, "other")
	other.ensure(networks{"x": func() kinds.NetworkConfig { c := other.network(); c.Name = "taken"; return c }()})
	s.bridge("byhand", map[string]string{"ipv4.address": "10.213.0.1/24"})
	tests := []struct {
		name string
		cfg  func() kinds.NetworkConfig
		is   error
		says string
	}{
		{"a network made by hand", func() kinds.NetworkConfig { c := s.network(); c.Name = "byhand"; return c }, resource.ErrConflict, "icc did not make"},
		{"another project's network", func() kinds.NetworkConfig { c := s.network(); c.Name = "taken"; return c }, resource.ErrConflict, `belongs to Compose project "other"`},
		{"a missing external network", func() kinds.NetworkConfig { return s.outside("nowhere") }, resource.ErrNotFound, `external network "nowhere" does not exist`},
	}
	for _, tt := range tests {
		r := s.resolve(networks{"net": tt.cfg()})[0]
		before := maps.Clone(s.config("byhand"))
		plan := s.plan([]resource.Resolved{r})
		if len(plan.Diagnostics) != 1 || plan.Diagnostics[0].Severity != resource.SeverityError || !strings.Contains(plan.Diagnostics[0].Text, tt.says) {
			t.Errorf("%s: planning said %+v", tt.name, plan.Diagnostics)
		}
		_, err := s.Run(t.Context(), sdk.RunRequest{Resource: r, Action: resource.ActionEnsure, Options: resource.NewOptions(resource.OptionCreate())}, resource.Discard{})
		if !errors.Is(err, tt.is) || !strings.Contains(fmt.Sprint(err), tt.says) || resource.Hint(err) == "" {
			t.Errorf("%s: got %v (hint %q)", tt.name, err, resource.Hint(err))
		}
		if err := s.delete(resource.State{Ref: r.Ref, IncusName: r.IncusName}); err != nil {
			t.Errorf("%s: deleting: %v", tt.name, err)
		}
		if diff := cmp.Diff(before, s.config("byhand")); diff != "" {
			t.Errorf("%s: it was changed: %s", tt.name, diff)
		}
	}
	other.down()
}
