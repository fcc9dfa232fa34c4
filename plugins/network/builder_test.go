package main

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/network/dnsmasq"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func attachment(instance string) kinds.Attachment {
	service, _, _ := strings.Cut(instance, "-")
	return kinds.Attachment{Instance: instance, IncusName: "shop-" + instance, Service: service}
}

// front is the builder of the network front of project shop with some instances.
func front(instances ...string) builder {
	cfg := config{NetworkConfig: kinds.NetworkConfig{Project: "shop", Isolate: true, IPv4: true}}
	for _, i := range instances {
		cfg.Attachments = append(cfg.Attachments, attachment(i))
	}
	return builder{
		ref: resource.Ref{Kind: resource.KindNetwork, Name: "front"}, cfg: cfg, name: "shop-front", incusProject: "shop",
		choose: func() netip.Prefix { return netip.MustParsePrefix("10.1.2.0/24") },
	}
}

func mustBuild(t *testing.T, b builder) *form {
	t.Helper()
	f, err := b.build()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// written returns the network as it is after the form was written, used by some instances of project shop.
func written(f *form, users ...string) *api.Network {
	n := &api.Network{NetworkPut: f.put, Name: f.outputs.IncusName, Type: f.kind, Managed: true}
	for _, u := range users {
		n.UsedBy = append(n.UsedBy, "/1.0/instances/shop-"+u+"?project=shop")
	}
	return n
}

func TestTheFormOfANewNetwork(t *testing.T) {
	t.Parallel()
	f := mustBuild(t, front("web-1"))
	got := map[string]string{}
	for k, v := range f.put.Config {
		if !strings.HasPrefix(k, resource.KeyPrefix) && k != keyRaw {
			got[k] = v
		}
	}
	if diff := cmp.Diff(map[string]string{
		"ipv4.address": "10.1.2.1/24", "ipv4.nat": "true", "ipv4.dhcp.ranges": "10.1.2.240-10.1.2.254", "ipv6.address": "none",
		"security.acls": "shop-front", "security.acls.default.ingress.action": "drop", "security.acls.default.egress.action": "allow",
	}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(kinds.NetworkOutputs{
		IncusName: "shop-front", IPv4: "10.1.2.1/24", Managed: true, Addresses: map[string]kinds.Address{"web-1": {IPv4: "10.1.2.2"}},
	}, f.outputs); diff != "" {
		t.Error(diff)
	}
}

func TestConfigurations(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		edit func(*config)
		want map[string]string // "" means absent
	}{
		{"an internal network leads nowhere", func(c *config) { c.Internal = true },
			map[string]string{"ipv4.nat": "false", "ipv4.dhcp.gateway": "none", "security.acls.default.egress.action": "drop"}},
		{"an open internal network lets others in only", func(c *config) { c.Internal, c.Isolate = true, false },
			map[string]string{"security.acls.default.ingress.action": "allow", "security.acls.default.egress.action": "drop"}},
		{"a network without isolation has no ACL", func(c *config) { c.Isolate = false },
			map[string]string{"security.acls": "", "security.acls.default.ingress.action": "", keyACLHash: ""}},
		{"ACLs of x-incus come on top", func(c *config) { c.Incus = map[string]string{"security.acls": "mine"} },
			map[string]string{"security.acls": "shop-front,mine"}},
		{"x-incus wins", func(c *config) {
			c.Incus = map[string]string{"ipv4.nat": "false", "ipv4.address": "10.7.0.1/16", "user.icc.project": "evil"}
		},
			map[string]string{"ipv4.nat": "false", "ipv4.address": "10.7.0.1/16", resource.KeyProject: "shop"}},
		{"Docker's options", func(c *config) {
			c.DriverOpts = map[string]string{optMTU: "1400", optMasquerade: "false"}
		}, map[string]string{"bridge.mtu": "1400", "ipv4.nat": "false"}},
		{"routed networks are not masqueraded", func(c *config) { c.DriverOpts = map[string]string{optMode4: "routed"} },
			map[string]string{"ipv4.nat": "false"}},
		{"IPv6", func(c *config) { c.IPv6, c.IPAM = true, []kinds.IPAMPool{{Subnet: "fd00:1::/64"}} },
			map[string]string{"ipv6.address": "fd00:1::1/64", "ipv6.nat": "true"}},
		{"a network without addresses", func(c *config) { c.IPv4 = false },
			map[string]string{"ipv4.address": "none", "ipv6.address": "none", "ipv4.nat": "", leasePrefix + "shop-web-1": ""}},
		{"a tiny subnet has no DHCP", func(c *config) { c.IPAM = []kinds.IPAMPool{{Subnet: "10.9.9.0/30"}} },
			map[string]string{"ipv4.dhcp": "false", "ipv4.dhcp.ranges": ""}},
		{"labels", func(c *config) { c.Labels = map[string]string{"a": "b"} }, map[string]string{"user.label.a": "b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := front("web-1")
			tt.edit(&b.cfg)
			f := mustBuild(t, b)
			for k, want := range tt.want {
				if got := f.put.Config[k]; got != want {
					t.Errorf("%s is %q, want %q", k, got, want)
				}
			}
			b.current = written(f)
			if again := mustBuild(t, b); len(again.fields) > 0 {
				t.Errorf("written once, it would be written again: %+v", again.fields)
			}
		})
	}
}

func TestWhoIsNotDeclaredButStillThere(t *testing.T) {
	t.Parallel()
	before := mustBuild(t, front("web-1", "web-2", "job-1"))
	tests := []struct {
		name    string
		running []string

		records string // the names that are left
	}{
		{"a replica that is about to go loses its records at once", []string{"web-1", "web-2", "job-1"}, "job shop-job-1 shop-web-1 web"},
		{"an orphan keeps its records while it runs", []string{"web-1", "job-1"}, "job shop-job-1 shop-web-1 web"},
		{"an orphan that is gone has none", []string{"web-1"}, "shop-web-1 web"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := front("web-1")
			b.current = written(before, tt.running...)
			f := mustBuild(t, b)
			if got := strings.Join(sortedKeys(dnsmasq.Parse(f.put.Config[keyRaw])), " "); got != tt.records {
				t.Errorf("records of %s, want %s", got, tt.records)
			}
			if got := len(dnsmasq.Parse(f.put.Config[keyRaw])["web"]); got != 1 {
				t.Errorf("web has %d addresses", got)
			}
			b.cfg.Attachments = append(b.cfg.Attachments, attachment("new-1"))
			for _, instance := range tt.running {
				taken := readLeases(before.put.Config)["shop-"+instance].IPv4
				if got := mustBuild(t, b).outputs.Addresses["new-1"].IPv4; got == taken {
					t.Errorf("a newcomer got %s, which %s still has", got, instance)
				}
			}
		})
	}
}

func TestAnOrphanIsNoReasonToWriteWhileItRuns(t *testing.T) {
	t.Parallel()
	before := front("web-1", "db-1", "zoo-1")
	before.cfg.Attachments[1].Aliases = []string{"a", "zz"}
	b := front("web-1")
	b.current = written(mustBuild(t, before), "web-1", "db-1", "zoo-1")
	if f := mustBuild(t, b); len(f.fields) > 0 {
		t.Errorf("it would write %+v", f.fields)
	}
}

func TestALeaseThatNobodyUsesIsNoReasonToWrite(t *testing.T) {
	t.Parallel()
	b := front("web-1")
	scaled := front("web-1", "web-2")
	b.current = written(mustBuild(t, scaled), "web-1", "web-2")
	down := mustBuild(t, b) // written while web-2 is still there
	if readLeases(down.put.Config)["shop-web-2"].IPv4 == "" {
		t.Fatal("the address was given away under a running instance")
	}
	b.current = written(down, "web-1")
	if f := mustBuild(t, b); len(f.fields) > 0 {
		t.Errorf("the next run would write %+v", f.fields)
	}
}

func TestFleetingInstancesGetFreeAddressesWithoutAWrite(t *testing.T) {
	t.Parallel()
	before := mustBuild(t, front("web-1", "db-1", "gone-1")) // gone-1 has left a lease of 10.1.2.4
	b := front("web-1", "db-1", "run-1", "run-2")
	b.cfg.Attachments[2].Fleeting, b.cfg.Attachments[3].Fleeting = true, true
	b.current = written(before, "web-1", "db-1", "earlier-run")
	b.seen.others = map[netip.Addr]bool{netip.MustParseAddr("10.1.2.4"): true} // what earlier-run has
	f := mustBuild(t, b)
	if len(f.fields) > 0 || !f.fresh {
		t.Errorf("it would write %+v; fresh: %v", f.fields, f.fresh)
	}
	if got := f.outputs.Addresses; got["run-1"].IPv4 != "10.1.2.5" || got["run-2"].IPv4 != "10.1.2.6" || got["web-1"].IPv4 != "10.1.2.2" {
		t.Errorf("addresses are %v", got)
	}
	for key, value := range mustBuild(t, front("web-1", "db-1")).put.Config {
		if key != resource.KeyVersion && f.put.Config[key] != value {
			t.Errorf("%s is %q instead of %q", key, f.put.Config[key], value)
		}
	}
	// One that is there already does not take the place of one that stays.
	b.cfg.Attachments = append(b.cfg.Attachments, attachment("new-1"))
	if got := mustBuild(t, b).outputs.Addresses; got["new-1"].IPv4 != "10.1.2.5" {
		t.Errorf("addresses are %v", got)
	}
}

func TestNamesOfWhoIsGone(t *testing.T) {
	t.Parallel()
	one := front("web-1", "run-1")
	one.cfg.Attachments[1].Service = "run-1" // a name of its own
	b := front("web-1")
	b.current = written(mustBuild(t, one), "web-1")
	if f := mustBuild(t, b); len(f.fields) > 0 {
		t.Errorf("names that nobody else has are a reason to write: %+v", f.fields)
	}
	one.cfg.Attachments[1].Service = "web"
	b.current = written(mustBuild(t, one), "web-1")
	if f := mustBuild(t, b); len(f.fields) != 1 || f.fields[0].Path != "dns.web" {
		t.Errorf("a name that others share has to be corrected, and it alone is shown: %+v", f.fields)
	}
}

func TestNetworksOfOneInstanceLeaveUnknownNamesToEachOther(t *testing.T) {
	t.Parallel()
	configs := []config{front("web-1").cfg, front("web-1", "db-1").cfg, front("job-1").cfg}
	cross(configs)
	for i, want := range []bool{true, true, false} {
		b := front()
		b.cfg = configs[i]
		f := mustBuild(t, b)
		if got := strings.Contains(f.put.Config[keyRaw], "server=//255.255.255.255"); got != want {
			t.Errorf("network %d refuses unknown names: %v", i, got)
		}
		b.cfg.Crossed = false // `icc up job` does not show the other network
		b.current = written(f)
		if again := mustBuild(t, b); len(again.fields) > 0 {
			t.Errorf("seen alone, network %d would be written again: %+v", i, again.fields)
		}
	}
}

func TestRulesLetInWhatIsPublishedInTheKernel(t *testing.T) {
	t.Parallel()
	b := front("web-1")
	b.cfg.Attachments[0].NATPorts = []kinds.Port{{Protocol: "udp", Target: 53, Count: 3}}
	b.cfg.Internal = true
	f := mustBuild(t, b)
	in, out := f.acl.ingress, f.acl.egress
	if len(in) != 1 || in[0].Destination != "10.1.2.2" || in[0].DestinationPort != "53-55" || in[0].Protocol != "udp" || in[0].Action != "allow" {
		t.Errorf("ingress is %+v", in)
	}
	if len(out) != 2 || out[0].Action != "drop" || out[0].Destination != "10.1.2.1" || out[1].Action != "allow" || out[1].Destination != "10.1.2.0/24" {
		t.Errorf("egress is %+v", out)
	}
}

func TestAChangedRuleIsSaidInTheWordsOfTheComposeFile(t *testing.T) {
	t.Parallel()
	b := front("web-1")
	b.current = written(mustBuild(t, b))
	b.cfg.Attachments[0].NATPorts = []kinds.Port{{Protocol: "tcp", Target: 80}}
	fields := named(mustBuild(t, b).fields, b.cfg)
	want := []resource.FieldChange{{Path: keyACLHash, Compose: "services.ports", Class: resource.ClassLive}}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, want := reason(fields), "services.ports differs"; got != want {
		t.Errorf("the reason is %q, want %q", got, want)
	}
}

func TestANetworkThatBecomesInternalSaysOnlyThat(t *testing.T) {
	t.Parallel()
	b := front("web-1")
	b.cfg.IPv6 = true
	const key = keyACLs + ".default.egress.action"
	for _, internal := range []bool{true, false} {
		b.current = written(mustBuild(t, b))
		b.cfg.Internal = internal
		want := []resource.FieldChange{{Path: key, Compose: "internal", Before: fmt.Sprint(!internal), After: fmt.Sprint(internal), Class: resource.ClassLive}}
		if diff := cmp.Diff(want, closed(named(mustBuild(t, b).fields, b.cfg))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	b.current = written(mustBuild(t, b))
	b.cfg.Isolate = false
	for _, f := range closed(named(mustBuild(t, b).fields, b.cfg)) {
		if f.Name() == "internal" || f.Path == key && f.Before != "allow" {
			t.Errorf("a network that is opened to others says %+v", f)
		}
	}
}

func TestAddressesThatTheServerHasSeen(t *testing.T) {
	t.Parallel()
	b := front("web-1", "native-1")
	b.current = written(mustBuild(t, b), "web-1", "native-1")
	b.cfg.Attachments = append(b.cfg.Attachments, attachment("new-1"))
	b.seen.others = map[netip.Addr]bool{
		netip.MustParseAddr("10.1.2.3"): true, // what native-1 was given, and now has by DHCP
		netip.MustParseAddr("10.1.2.4"): true, // a stranger's
	}
	got := mustBuild(t, b).outputs.Addresses
	if got["native-1"].IPv4 != "10.1.2.3" || got["new-1"].IPv4 != "10.1.2.5" {
		t.Errorf("addresses are %v", got)
	}
}

func TestInstancesKeepTheAddressesThatTheNetworkHasForgotten(t *testing.T) {
	t.Parallel()
	b := front("new-1", "web-1", "db-1")
	b.current = written(mustBuild(t, front("gone-1", "web-1", "db-1")), "web-1", "db-1")
	b.current.Config[leasePrefix+"shop-web-1"] = "{garbage"
	delete(b.current.Config, leasePrefix+"shop-db-1")
	p := planner{inUse: func(_ *api.Network, attached map[string]kinds.Attachment) (sighting, error) {
		s := sighting{others: map[netip.Addr]bool{}, own: map[string][]netip.Addr{}}
		for name, address := range map[string]string{"shop-web-1": "10.1.2.3", "shop-db-1": "10.1.2.4", "stranger": "10.1.2.2"} {
			_, own := attached[name]
			s.note(name, "fd00::1", own)
			s.note(name, address+"/24", own)
			s.note(name, "", own)
		}
		return s, nil
	}}
	f, err := p.build(b)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for instance, a := range f.outputs.Addresses {
		got[instance] = a.IPv4
	}
	if diff := cmp.Diff(map[string]string{"new-1": "10.1.2.5", "web-1": "10.1.2.3", "db-1": "10.1.2.4"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	b.current = written(f, "new-1", "web-1", "db-1")
	p.inUse = func(*api.Network, map[string]kinds.Attachment) (sighting, error) {
		t.Error("the server is asked though the network knows everybody")
		return sighting{}, nil
	}
	if f, err := p.build(b); err != nil || len(f.fields) > 0 {
		t.Errorf("it would be written again: %v, %v", f, err)
	}
}

func TestAGatewayAtTheTopIsNotLeftToDHCP(t *testing.T) {
	t.Parallel()
	b := front("web-1")
	b.cfg.IPAM = []kinds.IPAMPool{{Subnet: "10.1.2.0/24", Gateway: "10.1.2.254"}}
	f := mustBuild(t, b)
	if got := f.put.Config["ipv4.dhcp.ranges"]; got != "10.1.2.240-10.1.2.253" || f.outputs.Addresses["web-1"].IPv4 != "10.1.2.1" {
		t.Errorf("DHCP has %s, web-1 %v", got, f.outputs.Addresses["web-1"])
	}
}

func TestUsersAreThoseOfTheIncusProject(t *testing.T) {
	t.Parallel()
	n := &api.Network{UsedBy: []string{
		"/1.0/instances/shop-web-1?project=shop", "/1.0/instances/shop-web-2?project=other", "/1.0/instances/plain", "/1.0/profiles/default",
	}}
	if diff := cmp.Diff(map[string]bool{"shop-web-1": true}, users(n, "shop")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]bool{"plain": true}, users(n, "default")); diff != "" {
		t.Error(diff)
	}
}
