package main

import (
	"encoding/json"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func resolveOne(t *testing.T, cfg kinds.NetworkConfig) (resource.Resolved, []resource.Diagnostic) {
	t.Helper()
	raw, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r, err := newProvider().Resolve(t.Context(), []resource.Declaration{{
		Ref: resource.Ref{Kind: resource.KindNetwork, Name: "front"}, Config: raw, Position: resource.Position{File: "compose.yaml", Path: "networks.front"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return r.Resolved[0], r.Diagnostics
}

func TestResolveNamesTheNetwork(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		cfg  kinds.NetworkConfig
		want string
	}{
		{"the project's name comes first", kinds.NetworkConfig{Project: "shop"}, "shop-front"},
		{"a name of its own is kept", kinds.NetworkConfig{Project: "shop", Name: "lan"}, "lan"},
		{"so is the name of Docker's option", kinds.NetworkConfig{Project: "shop", DriverOpts: map[string]string{optBridgeName: "br-shop"}}, "br-shop"},
		{"an external one is called by its key", kinds.NetworkConfig{Project: "shop", External: true}, "front"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, diags := resolveOne(t, tt.cfg)
			if r.IncusName != tt.want || len(diags) > 0 {
				t.Errorf("it is called %q, %+v", r.IncusName, diags)
			}
		})
	}
}

func TestResolveRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	at := func(ip string) kinds.Attachment {
		a := attachment("web-1")
		a.IPv4 = ip
		return a
	}
	tests := []struct {
		name string
		cfg  kinds.NetworkConfig
		says string
	}{
		{"an unknown driver", kinds.NetworkConfig{Driver: "weave"}, `driver "weave" has no counterpart`},
		{"macvlan without a parent", kinds.NetworkConfig{Driver: "macvlan"}, "needs a parent interface"},
		{"an alias with a line break", kinds.NetworkConfig{Attachments: []kinds.Attachment{{Service: "web", IncusName: "w", Aliases: []string{"a\nserver=/x/1.1.1.1"}}}}, "cannot be a host name"},
		{"an alias with a comma", kinds.NetworkConfig{External: true, Attachments: []kinds.Attachment{{Service: "web", IncusName: "w", Aliases: []string{"a,10.0.0.1"}}}}, "cannot be a host name"},
		{"two IPv4 subnets", kinds.NetworkConfig{IPAM: []kinds.IPAMPool{{Subnet: "10.0.0.0/24"}, {Subnet: "10.0.1.0/24"}}}, "one subnet of each family"},
		{"a subnet that is none", kinds.NetworkConfig{IPAM: []kinds.IPAMPool{{Subnet: "ten"}}}, "ten"},
		{"a gateway elsewhere", kinds.NetworkConfig{IPAM: []kinds.IPAMPool{{Subnet: "10.0.0.0/24", Gateway: "10.0.1.1"}}}, "gateway 10.0.1.1 is not inside"},
		{"an ip_range elsewhere", kinds.NetworkConfig{IPAM: []kinds.IPAMPool{{Subnet: "10.0.0.0/24", IPRange: "10.0.1.0/28"}}}, "ip_range 10.0.1.0/28 is not inside"},
		{"a wanted address without a subnet", kinds.NetworkConfig{IPv4: true, Attachments: []kinds.Attachment{at("10.0.0.5")}}, "needs a subnet that you choose"},
		{"a wanted address elsewhere", kinds.NetworkConfig{IPAM: []kinds.IPAMPool{{Subnet: "10.0.0.0/24"}}, Attachments: []kinds.Attachment{at("10.1.0.5")}}, "outside the subnet"},
		{"a wanted address that is none", kinds.NetworkConfig{Attachments: []kinds.Attachment{at("10.0.0.5/24")}}, "is no ipv4 address"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, diags := resolveOne(t, tt.cfg)
			if len(diags) != 1 || diags[0].Severity != resource.SeverityError || !strings.Contains(diags[0].Text, tt.says) ||
				diags[0].Hint == "" || diags[0].Position.File != "compose.yaml" {
				t.Errorf("got %+v, want an error that says %q", diags, tt.says)
			}
		})
	}
}

func TestParseRoutes(t *testing.T) {
	t.Parallel()
	table := "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n" +
		"eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n" +
		"eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n" +
		"tun0\t0000080A\t00000000\t0001\t0\t0\t0\t00FEFFFF\t0\t0\t0\nrubbish\n"
	want := []netip.Prefix{netip.MustParsePrefix("172.17.0.0/16"), netip.MustParsePrefix("10.8.0.0/23")}
	if diff := cmp.Diff(want, parseRoutes(table), cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}
