//go:build incus

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func paths(fields []resource.FieldChange) string {
	var out []string
	for _, f := range fields {
		out = append(out, f.Path)
	}
	return strings.Join(out, " ")
}

func TestChangesAreMadeInPlaceAndHandMadeKeysStay(t *testing.T) {
	s := newShop(t, "edit")
	cfg := s.network("web-1")
	cfg.Labels = map[string]string{"tier": "front", "old": "x"}
	cfg.Incus = map[string]string{"bridge.mtu": "1400", "ipv4.dhcp.expiry": "2h", "raw.dnsmasq": "host-record=extra,10.9.9.9"}
	s.ensure(networks{"front": cfg})
	put := api.NetworkPut{Config: s.config("edit-front")}
	put.Config["user.note"], put.Config["ipv4.firewall"] = "mine", "true"
	put.Config[keyRaw] = "host-record=byhand,10.8.8.8\n" + put.Config[keyRaw]
	if err := s.server.UpdateNetwork("edit-front", put, ""); err != nil {
		t.Fatal(err)
	}
	if _, changes := s.ensureChanges(networks{"front": cfg}); changes["front"].Class != resource.ClassNone {
		t.Errorf("what was added by hand is a reason to change %s", paths(changes["front"].Fields))
	}

	cfg.Labels = map[string]string{"tier": "back"}
	cfg.Incus = map[string]string{"bridge.mtu": "1300"}
	cfg.Attachments = append(cfg.Attachments, s.network("web-2").Attachments...)
	_, changes := s.ensureChanges(networks{"front": cfg})
	want := "bridge.mtu ipv4.dhcp.expiry dns.edit-web-2 dns.extra dns.web addresses.edit-web-2 labels.old labels.tier"
	if got := paths(changes["front"].Fields); got != want || changes["front"].Class != resource.ClassLive {
		t.Errorf("%s: %s\nwant %s", changes["front"].Class, got, want)
	}
	now := s.config("edit-front")
	for key, value := range map[string]string{
		"user.note": "mine", "ipv4.firewall": "true", "bridge.mtu": "1300", "ipv4.dhcp.expiry": "", "user.label.tier": "back", "user.label.old": "",
	} {
		if now[key] != value {
			t.Errorf("%s is %q, want %q", key, now[key], value)
		}
	}
	if !strings.Contains(now[keyRaw], "byhand") || strings.Contains(now[keyRaw], "extra") {
		t.Errorf("records are %q", now[keyRaw])
	}
}

func TestASubnetCanChangeUnderARunningContainer(t *testing.T) {
	s := newShop(t, "move")
	cfg := s.network("web-1", "db-1")
	cfg.IPAM = []kinds.IPAMPool{{Subnet: "10.214.0.0/24", Gateway: "10.214.0.254", IPRange: "10.214.0.64/26", AuxAddresses: map[string]string{"a": "10.214.0.64"}}}
	cfg.Attachments[1].IPv4 = "10.214.0.10"
	front := s.ensure(networks{"front": cfg})["front"]
	if diff := cmp.Diff(map[string]kinds.Address{"web-1": {IPv4: "10.214.0.65"}, "db-1": {IPv4: "10.214.0.10"}}, front.Addresses); diff != "" || front.IPv4 != "10.214.0.254/24" {
		t.Errorf("%s %s", front.IPv4, diff)
	}
	s.container("web-1", serveHTTP, place{front, "10.214.0.65", true})
	cfg.IPAM = []kinds.IPAMPool{{Subnet: "10.215.0.0/24"}}
	cfg.Attachments[1].IPv4 = ""
	planned := s.plan(s.resolve(networks{"front": cfg}))
	after, changes := s.ensureChanges(networks{"front": cfg})
	if changes["front"].Class != resource.ClassLive || after["front"].Addresses["web-1"].IPv4 != "10.215.0.2" {
		t.Errorf("%s %+v", changes["front"].Class, after["front"])
	}
	if diff := cmp.Diff(after["front"], decodeOutputs(t, planned.States[0].Outputs)); diff != "" {
		t.Errorf("the plan promised something else: %s", diff)
	}
}

func TestIsolationCanBeSwitchedOffAndOn(t *testing.T) {
	s := newShop(t, "gate")
	cfg := s.network("web-1")
	acls := func() []string {
		names, err := s.server.GetNetworkACLNames()
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	for _, isolate := range []bool{true, false, true} {
		cfg.Isolate = isolate
		s.ensure(networks{"front": cfg})
		want := []string{}
		if isolate {
			want = append(want, "gate-front")
		}
		if diff := cmp.Diff(want, append([]string{}, acls()...)); diff != "" || (s.config("gate-front")[keyACLs] != "") != isolate {
			t.Errorf("isolate: %v: %s", isolate, diff)
		}
	}
}

func TestAnInterruptedCreationConverges(t *testing.T) {
	s := newShop(t, "crash")
	s.host.LeavesNothing(t)
	widow := &acl{name: "crash-front", project: "crash", key: "front"} // icc died between its two requests
	server, err := connect(t.Context(), s.Settings())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := widow.ensure(server); err != nil {
		t.Fatal(err)
	}
	s.ensure(networks{"front": s.network("web-1")})
	s.down()
	if _, err := widow.ensure(server); err != nil {
		t.Fatal(err)
	}
	s.down() // finds it without a network
}

func TestANetworkThatIsBeingMadeIsWaitedFor(t *testing.T) {
	s := newShop(t, "pend")
	s.host.LeavesNothing(t)
	r := s.resolve(networks{"front": s.network("web-1")})[0]
	ensure := func() error {
		_, err := s.Run(t.Context(), sdk.RunRequest{Resource: r, Action: resource.ActionEnsure, Options: resource.NewOptions(resource.OptionCreate())}, resource.Discard{})
		return err
	}
	remove := func() error { return s.delete(s.plan(nil).States[0]) }
	for what, next := range map[string]func() error{"up": ensure, "down": remove} {
		first := make(chan error, 1)
		go func() { first <- ensure() }() // icc was killed; its plugin ends its request
		s.soon(true, func() bool {
			n, _, err := s.server.GetNetwork("pend-front")
			return err == nil && n.Status == api.NetworkStatusPending || len(first) > 0
		})
		if err := errors.Join(next(), <-first); err != nil {
			t.Errorf("%s beside it: %v", what, err)
		}
		n, _, err := s.server.GetNetwork("pend-front")
		_, _, aclErr := s.server.GetNetworkACL("pend-front")
		if stays := what == "up"; (err == nil) != stays || (aclErr == nil) != stays || stays && n.Status != api.NetworkStatusCreated {
			t.Errorf("%s beside it: there is a network %+v (%v), and its ACL: %v", what, n, err, aclErr)
		}
		s.down()
	}
}

func TestAFailedCreationLeavesNothing(t *testing.T) {
	s := newShop(t, "fail")
	s.host.LeavesNothing(t)
	cfg := s.network("web-1")
	cfg.Incus = map[string]string{"no.such.key": "1"}
	r := s.resolve(networks{"front": cfg})[0]
	run := func(ctx context.Context) error {
		_, err := s.Run(ctx, sdk.RunRequest{Resource: r, Action: resource.ActionEnsure, Options: resource.NewOptions(resource.OptionCreate())}, resource.Discard{})
		return err
	}
	if err := run(t.Context()); err == nil || !strings.Contains(err.Error(), "no.such.key") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestCancellingLetsNothingHalfMade(t *testing.T) {
	s := newShop(t, "stop")
	s.host.LeavesNothing(t)
	r := s.resolve(networks{"front": s.network("web-1")})[0]
	for _, after := range []time.Duration{5, 15, 30, 60, 200} {
		ctx, cancel := context.WithTimeout(t.Context(), after*time.Millisecond)
		_, err := s.Run(ctx, sdk.RunRequest{Resource: r, Action: resource.ActionEnsure, Options: resource.NewOptions(resource.OptionCreate())}, resource.Discard{})
		cancel()
		n, _, getErr := s.server.GetNetwork("stop-front")
		acl, _, aclErr := s.server.GetNetworkACL("stop-front")
		if (getErr == nil) != (aclErr == nil) {
			t.Errorf("after %d ms (%v) there is a network: %v, and an ACL: %v", after, err, n != nil, acl != nil)
		}
		s.down()
	}
}

func TestVerbs(t *testing.T) {
	s := newShop(t, "verbs")
	s.ensure(networks{"front": s.network("web-1", "db-1")})
	state := s.plan(nil).States[0]
	call := func(verb string, request any) string {
		raw, _ := json.Marshal(request)
		out, err := s.Call(t.Context(), sdk.CallRequest{Resource: resource.Resolved{Ref: state.Ref, IncusName: state.IncusName}, Verb: verb, Request: raw})
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	gateway, _, _ := strings.Cut(s.config("verbs-front")["ipv4.address"], "/")
	if got, want := call(callBridgeIPs, nil), fmt.Sprintf(`{"ipv4":[%q],"ipv6":[]}`, gateway); got != want {
		t.Errorf("bridge-ips says %s, want %s", got, want)
	}
	aliases := aliasRequest{Services: []string{"web", "gone"}, Addresses: map[string][]string{"web": {"10.1.1.1", "10.1.1.2"}}}
	for _, want := range []string{`{"changed":true}`, `{"changed":false}`} {
		if got := call(callUpdateAliases, aliases); got != want {
			t.Errorf("update-dns-aliases says %s, want %s", got, want)
		}
	}
	var records map[string][]string
	if err := json.Unmarshal([]byte(call(callRecords, nil)), &records); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"10.1.1.1", "10.1.1.2"}, records["web"]); diff != "" || len(records["db"]) != 1 || len(records["verbs-web-1"]) != 1 {
		t.Errorf("records are %v", records)
	}
	if _, err := s.Call(t.Context(), sdk.CallRequest{Resource: resource.Resolved{IncusName: "verbs-front"}, Verb: "dance"}); !errors.Is(err, resource.ErrUnsupportedAction) {
		t.Errorf("an unknown verb gives %v", err)
	}
}

func TestIPv6(t *testing.T) {
	s := newShop(t, "six")
	cfg := s.network("web-1", "web-2")
	cfg.IPv6 = true
	out := s.ensure(networks{"front": cfg})["front"]
	if out.IPv6 == "" || out.Addresses["web-1"].IPv6 == "" || out.Addresses["web-1"].IPv4 == "" {
		t.Fatalf("outputs are %+v", out)
	}
	s.container("web-1", serveHTTP, place{out, out.Addresses["web-1"].IPv4, true})
	var got string
	if !s.soon(true, func() bool {
		got = s.lookup("web-1", "web")
		return strings.Contains(got, out.Addresses["web-2"].IPv6)
	}) {
		t.Errorf("web is %q", got)
	}
	if _, changes := s.ensureChanges(networks{"front": cfg}); changes["front"].Class != resource.ClassNone {
		t.Errorf("a second time it would change %s", paths(changes["front"].Fields))
	}
}

func TestMacvlan(t *testing.T) {
	s := newShop(t, "macv")
	cfg := s.network("web-1")
	cfg.Driver, cfg.DriverOpts = "macvlan", map[string]string{"parent": "lan0", "macvlan_mode": "bridge"}
	for _, class := range []resource.Class{resource.ClassCreate, resource.ClassNone} {
		out, changes := s.ensureChanges(networks{"lan": cfg})
		if diff := cmp.Diff(kinds.NetworkOutputs{IncusName: "macv-lan", Managed: true, NIC: map[string]string{"mode": "bridge"}}, out["lan"]); diff != "" || changes["lan"].Class != class {
			t.Errorf("%s %+v %s", changes["lan"].Class, changes["lan"].Fields, diff)
		}
	}
	bridge := s.network("web-1")
	if _, changes := s.ensureChanges(networks{"lan": bridge}); changes["lan"].Class != resource.ClassRecreate {
		t.Errorf("another driver is %q", changes["lan"].Class)
	}
}

func TestManyInstances(t *testing.T) {
	s := newShop(t, "many")
	var names []string
	for i := range 500 {
		names = append(names, fmt.Sprintf("s%d-1", i))
	}
	cfg := s.network(names...)
	begin := time.Now()
	out := s.ensure(networks{"front": cfg})["front"]
	made := time.Since(begin)
	begin = time.Now()
	s.ensure(networks{"front": cfg})
	t.Logf("made in %s, compared in %s", made, time.Since(begin))
	if len(out.Addresses) != 500 || !strings.HasSuffix(out.IPv4, "/22") {
		t.Errorf("%d addresses in %s", len(out.Addresses), out.IPv4)
	}
}

func TestPublishingInTheKernelPassesIsolation(t *testing.T) {
	s := newShop(t, "nat")
	cfg := s.network("web-1", "db-1")
	cfg.Attachments[0].NATPorts = []kinds.Port{{Protocol: "tcp", Published: 8090, Target: 80, NAT: true}}
	out := s.ensure(networks{"front": cfg, "back": s.network("spy-1")})
	front, back := out["front"], out["back"]
	for _, name := range []string{"web-1", "db-1"} {
		s.container(name, serveHTTP, place{front, front.Addresses[name].IPv4, true})
	}
	s.container("spy-1", serveHTTP, place{back, back.Addresses["spy-1"].IPv4, true})
	s.host.Output(t, "incus", "config", "device", "add", "--project", "nat", "nat-web-1", "p", "proxy", "nat=true",
		"listen=tcp:0.0.0.0:8090", "connect=tcp:0.0.0.0:80")
	host := strings.TrimSpace(s.host.Output(t, "sh", "-c", "ip -4 -o address show dev lan0 | sed 's/.*inet \\([0-9.]*\\).*/\\1/'"))
	if !s.reaches("spy-1", host+":8090", true) {
		t.Error("the published port is closed")
	}
	if s.reaches("spy-1", front.Addresses["db-1"].IPv4, false) {
		t.Error("what is not published is open")
	}
	cfg.Attachments[0].NATPorts = nil
	if _, changes := s.ensureChanges(networks{"front": cfg, "back": s.network("spy-1")}); changes["front"].Class != resource.ClassLive {
		t.Errorf("closing it is %q", changes["front"].Class)
	}
	if s.reaches("spy-1", host+":8090", false) {
		t.Error("the port is still open")
	}
}

func TestPlanWithoutAnIncusProject(t *testing.T) {
	s := configure(t, newShop(t, "there").host, "nowhere")
	plan := s.plan(s.resolve(networks{"front": s.network("web-1")}))
	if len(plan.Changes) != 1 || plan.Changes[0].Class != resource.ClassCreate || plan.States[0].Exists {
		t.Errorf("planned %+v", plan)
	}
}
