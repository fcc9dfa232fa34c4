//go:build incus

package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func TestEveryAttributeOfANetworkChangesUnderARunningContainer(t *testing.T) {
	s := newShop(t, "attr")
	cfg := s.network("web-1")
	front := s.ensure(networks{"front": cfg})["front"]
	s.container("web-1", "sleep 1000", place{front, front.Addresses["web-1"].IPv4, true})
	pid := func() string {
		state, _, err := s.server.GetInstanceState("attr-web-1")
		if err != nil {
			t.Fatal(err)
		}
		return state.StartedAt.String()
	}
	began := pid()
	cfg.DriverOpts, cfg.Incus, cfg.Labels = map[string]string{}, map[string]string{}, map[string]string{}
	for _, tt := range []struct { // each on top of those before
		field  string // among the differences
		change func()
		key    string
		want   string
	}{
		{"labels.tier", func() { cfg.Labels["tier"] = "front" }, "user.label.tier", "front"},
		{"driver_opts." + optMTU, func() { cfg.DriverOpts[optMTU] = "1400" }, "bridge.mtu", "1400"},
		{"driver_opts." + optMasquerade, func() { cfg.DriverOpts[optMasquerade] = "false" }, "ipv4.nat", "false"},
		{"driver_opts." + optMode4, func() { cfg.DriverOpts = map[string]string{optMode4: "nat"} }, "ipv4.nat", "true"},
		{"enable_ipv6", func() { cfg.IPv6 = true }, "ipv6.nat", "true"},
		{"enable_ipv6", func() { cfg.IPv6 = false }, "ipv6.address", "none"},
		{"internal", func() { cfg.Internal = true }, keyACLs + ".default.egress.action", "drop"},
		{"internal", func() { cfg.Internal = false }, keyACLs + ".default.egress.action", "allow"},
		{"security.acls", func() { cfg.Isolate = false }, keyACLs, ""},
		{"ipam.config.subnet", func() { cfg.IPAM = []kinds.IPAMPool{{Subnet: "10.217.0.0/24"}} }, "ipv4.address", "10.217.0.1/24"},
		{"ipam.config.subnet", func() { cfg.IPAM[0].Gateway = "10.217.0.254" }, "ipv4.address", "10.217.0.254/24"},
		{"x-incus.ipv4.dhcp.expiry", func() { cfg.Incus["ipv4.dhcp.expiry"] = "3h" }, "ipv4.dhcp.expiry", "3h"},
	} {
		tt.change()
		_, changes := s.ensureChanges(networks{"front": cfg})
		c := changes["front"]
		named := slices.ContainsFunc(c.Fields, func(f resource.FieldChange) bool { return f.Name() == tt.field })
		if c.Class != resource.ClassLive || !named || !strings.Contains(c.Reason, " differ") {
			t.Errorf("%s: %s, %q, %+v", tt.field, c.Class, c.Reason, c.Fields)
		}
		if got := s.config("attr-front")[tt.key]; got != tt.want {
			t.Errorf("%s: %s is %q, want %q", tt.field, tt.key, got, tt.want)
		}
	}
	if again := s.plan(s.resolve(networks{"front": cfg})); again.Changes[0].Class != resource.ClassNone || len(again.Drift) != 0 {
		t.Errorf("in the end the plan is %+v, the drift %+v", again.Changes, again.Drift)
	}
	if pid() != began {
		t.Error("the container was restarted")
	}
	cfg = s.network("web-1")
	cfg.Driver, cfg.DriverOpts = typeMacvlan, map[string]string{optParent: "lo"}
	if c := s.plan(s.resolve(networks{"front": cfg})).Changes[0]; c.Class != resource.ClassRecreate || c.Fields[0].Name() != "driver" {
		t.Errorf("another driver: %+v", c)
	}
}

func TestDriftOfANetwork(t *testing.T) {
	s := newShop(t, "drift")
	cfg := s.network("web-1")
	s.ensure(networks{"front": cfg})
	edit := func(change func(map[string]string)) {
		put := api.NetworkPut{Config: s.config("drift-front")}
		change(put.Config)
		if err := s.server.UpdateNetwork("drift-front", put, ""); err != nil {
			t.Fatal(err)
		}
	}
	names := func() string {
		var out []string
		for _, c := range s.plan(s.resolve(networks{"front": cfg})).Drift {
			for _, f := range c.Fields {
				out = append(out, f.Name()+"="+f.After+" ("+string(f.Class)+")")
			}
		}
		return strings.Join(out, ", ")
	}
	if got := names(); got != "" {
		t.Errorf("a new network has drifted: %s", got)
	}
	edit(func(c map[string]string) {
		c["user.note"], c[keyRaw] = "mine", "host-record=byhand,10.8.8.8\n"+c[keyRaw]
	})
	if got := names(); got != "user.note=mine (none)" {
		t.Errorf("what was added is told as %s", got)
	}
	edit(func(c map[string]string) {
		c["ipv4.nat"], c["ipv4.address"], c[keyRaw] = "false", "10.218.0.1/24", strings.ReplaceAll(c[keyRaw], "drift-web-1", "somebody")
	})
	if got := names(); got != "ipam.config.subnet=10.218.0.1/24 (live), ipv4.nat=false (live), dns=icc's records were edited (live), user.note=mine (none)" {
		t.Errorf("what was changed is told as %s", got)
	}
	s.ensure(networks{"front": cfg})
	if got := names(); got != "user.note=mine (none)" || s.config("drift-front")["ipv4.nat"] != "true" {
		t.Errorf("after an ensure the drift is %s", got)
	}
}
