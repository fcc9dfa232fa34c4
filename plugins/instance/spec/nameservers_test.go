package spec

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/kinds"
)

func TestAServiceThatServesNamesKeepsItsPort(t *testing.T) {
	t.Parallel()
	one := []string{"10.0.1.1"}
	for name, tc := range map[string]struct {
		change func(*Input)
		asked  []string
		conf   string
	}{
		"any other":                  {func(*Input) {}, one, "10.0.1.1"},
		"switched off":               {func(i *Input) { i.Config.NoResolver = true }, nil, "10.0.1.1"},
		"its image exposes the port": {func(i *Input) { i.Image.Process.ExposedPorts = []string{"80/tcp", "53/udp"} }, nil, "10.0.1.1"},
		"its file does":              {func(i *Input) { i.Config.Expose = []string{"53"} }, nil, "10.0.1.1"},
		"a range does":               {func(i *Input) { i.Config.Expose = []string{"50-60/tcp"} }, nil, "10.0.1.1"},
		"it publishes it":            {func(i *Input) { i.Config.Ports = []kinds.Port{{Protocol: "udp", Published: 5353, Target: 53}} }, nil, "10.0.1.1"},
		"it publishes a range": {func(i *Input) {
			i.Config.Ports = []kinds.Port{{Protocol: "tcp", Published: 5000, Target: 50, Count: 10}}
		}, nil, "10.0.1.1"},
		"other ports": {func(i *Input) {
			i.Config.Ports = []kinds.Port{{Protocol: "tcp", Published: 53, Target: 54}, {Protocol: "tcp", Published: 5000, Target: 50, Count: 3}}
			i.Config.Expose, i.Image.Process.ExposedPorts = []string{"54-60", "5353/udp"}, []string{"nonsense"}
		}, one, "10.0.1.1"},
		"servers of its own behind the network's": {func(i *Input) { i.Config.DNS = []string{"9.9.9.9", "8.8.8.8", "1.1.1.1"} },
			[]string{"10.0.1.1", "9.9.9.9", "8.8.8.8", "1.1.1.1"}, "10.0.1.1,9.9.9.9,8.8.8.8"},
		"servers by x-incus": {func(i *Input) { i.Config.Incus = map[string]string{"oci.dns.nameservers": "9.9.9.9, 8.8.8.8"} },
			[]string{"9.9.9.9", "8.8.8.8"}, "9.9.9.9, 8.8.8.8"},
		"a resolv.conf of its own": {func(i *Input) {
			i.Config.Mounts = []kinds.Mount{{Type: kinds.MountBind, Source: "/srv/resolv.conf", Target: "/etc/resolv.conf"}}
		},
			nil, "10.0.1.1"},
		"no network": {func(i *Input) { i.Config.Networks = nil }, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := Translate(in("web", busybox(), func(i *Input) {
				i.Config.Networks = []kinds.NIC{{Network: "front", Gateway: true}}
				i.Networks = map[string]kinds.NetworkOutputs{"front": {IncusName: "icc1", IPv4: "10.0.1.1/24", Managed: true,
					Addresses: map[string]kinds.Address{"web-1": {IPv4: "10.0.1.7"}}}}
				tc.change(i)
			}))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.asked, Orders(out.Config).Resolvers); diff != "" {
				t.Errorf("icc-init asks others (-want +got):\n%s", diff)
			}
			if got := out.Config["oci.dns.nameservers"]; got != tc.conf {
				t.Errorf("resolv.conf has %q, want %q", got, tc.conf)
			}
		})
	}
}
