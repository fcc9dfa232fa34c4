package prepare

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const incusHosts = "127.0.0.1   localhost\n127.0.1.1   web-1\n\n::1     localhost"

func TestTheHostsFileIsDockers(t *testing.T) {
	t.Parallel()
	got, missing := hostsFile(incusHosts, "web", "example.org", []string{"db=10.0.0.9", "v6=[fd00::9]", "host.docker.internal=host-gateway"},
		[]string{"10.0.0.2", "fd00::2"}, "10.0.0.1")
	want := "127.0.0.1   localhost\n\n::1     localhost\n" +
		"10.0.0.2\tweb.example.org web\nfd00::2\tweb.example.org web\n" +
		"10.0.0.9\tdb\nfd00::9\tv6\n10.0.0.1\thost.docker.internal\n"
	if diff := cmp.Diff(want, got); diff != "" || missing != nil {
		t.Error(diff, missing)
	}
}

func TestAContainerWithoutNetworkStillKnowsItself(t *testing.T) {
	t.Parallel()
	got, missing := hostsFile("", "web", "", []string{"h=host-gateway"}, nil, "")
	want := "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.1.1\tweb\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"h"}, missing); diff != "" {
		t.Error(diff)
	}
}

func TestResolverOptionsAreAdded(t *testing.T) {
	t.Parallel()
	got := resolvConf("nameserver 10.0.0.1\noptions edns0 ndots:1\nsearch incus", []string{"ndots:5", "rotate"})
	if diff := cmp.Diff("nameserver 10.0.0.1\nsearch incus\noptions edns0 ndots:1 ndots:5 rotate\n", got); diff != "" {
		t.Error(diff)
	}
}

func TestTheGatewayIsThatOfTheDefaultRoute(t *testing.T) {
	t.Parallel()
	const head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n"
	for name, tc := range map[string]struct{ table, want string }{
		"a default route":           {head + "eth0\t00034D0A\t00000000\t0001\neth0\t00000000\t01034D0A\t0003\n", "10.77.3.1"},
		"another route before":      {head + "eth0\t0000000A\t05034D0A\t0003\neth0\t00000000\t01034D0A\t0003\n", "10.77.3.1"},
		"only the network's":        {head + "eth0\t00034D0A\t00000000\t0001\n", ""},
		"a default without gateway": {head + "eth0\t00000000\t00000000\t0001\n", ""},
		"nothing":                   {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := defaultGateway(tc.table); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestOnlyGlobalAddressesAreTheContainers(t *testing.T) {
	t.Parallel()
	table := "fe8000000000000012666afffe4a636f 05 40 20 80     eth0\n" +
		"fd4200000000000000000000000000a1 05 40 00 80     eth0\n00000000000000000000000000000001 01 80 10 80       lo\n"
	if diff := cmp.Diff([]string{"fd42:0:0:0:0:0:0:a1"}, ipv6Addresses(table)); diff != "" {
		t.Error(diff)
	}
}
