//go:build incus

package main

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

type networks = map[string]kinds.NetworkConfig

func TestANetworkComesAndGoesWithoutATrace(t *testing.T) {
	s := newShop(t, "come")
	s.host.LeavesNothing(t)
	out, changes := s.ensureChanges(networks{"front": s.network("web-1", "web-2")})
	if changes["front"].Class != resource.ClassCreate {
		t.Errorf("planned %q", changes["front"].Class)
	}
	front := out["front"]
	if front.IncusName != "come-front" || !front.Managed || front.IPv6 != "" || len(front.Addresses) != 2 {
		t.Errorf("outputs are %+v", front)
	}
	n, _, err := s.server.GetNetwork("come-front")
	if err != nil {
		t.Fatal(err)
	}
	if n.Config["ipv6.address"] != "none" || n.Config["ipv4.address"] != front.IPv4 || n.Config[resource.KeyProject] != "come" {
		t.Errorf("the network is %v", n.Config)
	}
	s.down()
	s.down() // nothing is left to find
}

func TestEnsuringTwiceWritesNothing(t *testing.T) {
	s := newShop(t, "twice")
	cfgs := networks{"front": s.network("web-1"), "back": s.network("web-1", "db-1")}
	first := s.ensure(cfgs)
	var second map[string]kinds.NetworkOutputs
	wrote := s.writes(func() {
		var changes map[string]resource.Change
		second, changes = s.ensureChanges(cfgs)
		for key, c := range changes {
			if c.Class != resource.ClassNone {
				t.Errorf("%s: %s %+v", key, c.Class, c.Fields)
			}
		}
	})
	if len(wrote) > 0 {
		t.Errorf("the server was written to: %q", wrote)
	}
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("outputs differ: %s", diff)
	}
}

func TestAddressesStayWhenServicesScale(t *testing.T) {
	s := newShop(t, "scale")
	first := s.ensure(networks{"front": s.network("a-1", "b-1", "b-2", "c-1")})["front"].Addresses
	second := s.ensure(networks{"front": s.network("0-1", "a-1", "b-1", "c-1", "c-2")})["front"].Addresses
	for _, same := range []string{"a-1", "b-1", "c-1"} {
		if second[same] != first[same] {
			t.Errorf("%s moved from %v to %v", same, first[same], second[same])
		}
	}
	if second["0-1"] != first["b-2"] {
		t.Errorf("the freed %v was not used again, 0-1 has %v", first["b-2"], second["0-1"])
	}
	plan := s.plan(nil)
	var shown kinds.NetworkOutputs
	for _, state := range plan.States {
		shown = decodeOutputs(t, state.Outputs)
	}
	if diff := cmp.Diff(second, shown.Addresses); diff != "" {
		t.Errorf("without a declaration the addresses are different: %s", diff)
	}
}

func TestContainersFindAndReachEachOther(t *testing.T) {
	s := newShop(t, "dns")
	front := s.network("web-1", "web-2", "proxy-1")
	front.Attachments[0].Aliases = []string{"www", "app"}
	front.Attachments[1].Aliases = []string{"www", "second.example", "app"}
	out := s.ensure(networks{"front": front, "back": s.network("web-1", "db-1")})
	f, b := out["front"], out["back"]
	s.container("web-1", serveHTTP, place{f, f.Addresses["web-1"].IPv4, true}, place{b, b.Addresses["web-1"].IPv4, false})
	s.container("web-2", serveHTTP, place{f, f.Addresses["web-2"].IPv4, true})
	s.container("proxy-1", serveHTTP, place{f, f.Addresses["proxy-1"].IPv4, true})
	s.container("db-1", serveHTTP, place{b, b.Addresses["db-1"].IPv4, true})

	both := strings.Join([]string{f.Addresses["web-1"].IPv4, f.Addresses["web-2"].IPv4}, " ")
	for name, want := range map[string]string{
		"web": both, "www": both, "dns-web-2": f.Addresses["web-2"].IPv4, "second.example": f.Addresses["web-2"].IPv4,
		"db": "", "dns-db-1": "", "nobody": "", "app": both,
	} {
		s.wantFound("proxy-1", name, want)
	}
	s.wantFound("db-1", "web", b.Addresses["web-1"].IPv4)
	for _, target := range []string{"db", "proxy", "dns-web-2"} {
		if !s.reaches("web-1", target, true) {
			t.Errorf("web, which is on both networks, does not reach %s", target)
		}
	}
	var said string
	if !s.soon(true, func() (ok bool) { said, ok = s.inside("proxy-1", "nslookup", "web"); return ok }) {
		t.Errorf("asking for a name's IPv6 address as well fails: %s", said)
	}
}

func TestIsolation(t *testing.T) {
	s := newShop(t, "walls")
	open, inner := s.network("open-1"), s.network("vault-1", "guard-1")
	open.Isolate, inner.Internal = false, true
	out := s.ensure(networks{"front": s.network("web-1", "peer-1"), "back": s.network("db-1"), "open": open, "inner": inner})
	at := map[string]string{}
	for key, names := range map[string][]string{"front": {"web-1", "peer-1"}, "back": {"db-1"}, "open": {"open-1"}, "inner": {"vault-1", "guard-1"}} {
		for _, name := range names {
			at[name] = out[key].Addresses[name].IPv4
			s.container(name, serveHTTP, place{out[key], at[name], true})
		}
	}
	host := s.host.Output(t, "sh", "-c", "ip -4 -o address show dev lan0 | sed 's/.*inet \\([0-9.]*\\).*/\\1/'")
	host = strings.TrimSpace(host)
	s.publish("web-1", "8080")
	s.publish("vault-1", "8081")

	for _, filter := range []string{"1", "0"} { // with and without br_netfilter
		s.host.Output(t, "sysctl", "-q", "-w", "net.bridge.bridge-nf-call-iptables="+filter)
		t.Run("bridge-nf-call-iptables="+filter, func(t *testing.T) { checkWalls(t, s, out, at, host) })
	}
	s.host.Output(t, "sysctl", "-q", "-w", "net.bridge.bridge-nf-call-iptables=1")
}

func checkWalls(t *testing.T, s *shop, out map[string]kinds.NetworkOutputs, at map[string]string, host string) {
	t.Helper()
	tests := []struct {
		from, to string
		want     bool
		why      string
	}{
		{"peer-1", at["web-1"], true, "one network is open inside"},
		{"db-1", at["web-1"], false, "other networks stay outside"},
		{"web-1", at["db-1"], false, "other networks stay outside"},
		{"open-1", at["web-1"], false, "a network that is open itself does not open others"},
		{"web-1", at["open-1"], true, "isolate: false lets others in"},
		{"web-1", at["vault-1"], false, "nobody gets into an internal network"},
		{"guard-1", at["vault-1"], true, "an internal network is open inside"},
		{"guard-1", at["web-1"], false, "an internal network has no way out"},
		{"guard-1", at["open-1"], false, "an internal network has no way out, not even to open networks"},
		{"db-1", host + ":8080", true, "published ports are for everybody"},
		{"guard-1", host + ":8080", false, "an internal network does not reach the host"},
		{"guard-1", strings.Split(out["inner"].IPv4, "/")[0] + ":8080", false, "nor the host's address on it"},
	}
	var wg sync.WaitGroup
	for _, tt := range tests {
		wg.Go(func() {
			if got := s.reaches(tt.from, tt.to, tt.want); got != tt.want {
				t.Errorf("%s reaches %s: %v, but %s", tt.from, tt.to, got, tt.why)
			}
		})
	}
	wg.Wait()
	for target, want := range map[string]bool{
		"127.0.0.1:8080": true, "127.0.0.1:8081": true, host + ":8080": true,
		at["web-1"]: false, at["vault-1"]: false, at["open-1"]: true,
	} {
		got := s.soon(want, func() bool {
			return s.host.Command(t, "curl", "-s", "-f", "-m", "2", "-o", "/dev/null", "http://"+target+"/passwd").Run() == nil
		})
		if got != want {
			t.Errorf("the host reaches %s: %v", target, got)
		}
	}
	if out, _ := s.inside("guard-1", "ip", "route"); strings.Contains(out, "default") {
		t.Errorf("the internal network has a default route: %s", out)
	}
	gateway, _, _ := strings.Cut(out["inner"].IPv4, "/")
	if _, ok := s.inside("guard-1", "ip", "route", "replace", "default", "via", gateway); !ok || s.reaches("guard-1", at["web-1"], false) ||
		s.reaches("guard-1", host+":8080", false) {
		t.Error("a route made by hand leads out of the internal network")
	}
	if _, ok := s.inside("guard-1", "ip", "route", "delete", "default"); !ok {
		t.Error("the route by hand does not go")
	}
	s.wantFound("guard-1", "vault", at["vault-1"])
}

// publish forwards a port of the host to the container's port 80 in user space.
func (s *shop) publish(name, port string) {
	s.t.Helper()
	s.host.Output(s.t, "incus", "config", "device", "add", "--project", s.project, s.project+"-"+name, "p"+port,
		"proxy", "listen=tcp:0.0.0.0:"+port, "connect=tcp:127.0.0.1:80")
}

func TestANetworkInUseIsNotDeleted(t *testing.T) {
	s := newShop(t, "busy")
	front := s.ensure(networks{"front": s.network("web-1")})["front"]
	s.container("web-1", serveHTTP, place{front, front.Addresses["web-1"].IPv4, true})
	err := s.delete(s.plan(nil).States[0])
	if !errors.Is(err, resource.ErrConflict) || !strings.Contains(err.Error(), "instance busy-web-1 of Incus project busy") || resource.Hint(err) == "" {
		t.Errorf("got %v (hint %q)", err, resource.Hint(err))
	}
}
