//go:build incus

package conformance

import (
	"errors"
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func TestInterfacesAreInTheDeclaredOrderWithStaticAddresses(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	front := l.network("front", "10.201.1", map[string]kinds.Address{"web-1": {IPv4: "10.201.1.10"}})
	back := l.network("back", "10.201.2", map[string]kinds.Address{"web-1": {IPv4: "10.201.2.10"}})
	back.NIC = map[string]string{"security.mac_filtering": "true"}
	l.put(resource.Ref{Kind: resource.KindNetwork, Name: "back"}, back)
	c := l.sleeper("web")
	c.NetworkMode = ""
	c.Networks = []kinds.NIC{{Network: "front", MACAddress: "02:00:00:00:00:07"}, {Network: "back", Gateway: true, Interface: "inner"}}
	c.DNS = []string{"192.0.2.53"}
	out := l.up(c)
	if out.Addresses[front.IncusName] != "10.201.1.10" || out.Addresses[back.IncusName] != "10.201.2.10" {
		t.Errorf("the addresses are %v", out.Addresses)
	}
	got := l.sh(c, "ip -o -4 addr | awk '{print $2 $4}'; cat /sys/class/net/eth0/address; ip route | grep default; grep nameserver /etc/resolv.conf")
	want := "lo127.0.0.1/8\neth010.201.1.10/24\ninner10.201.2.10/24\n02:00:00:00:00:07\ndefault via 10.201.2.1 dev inner \n" +
		"nameserver 127.0.0.11\nnameserver 10.201.2.1\nnameserver 10.201.1.1\n"
	if got != want {
		t.Errorf("the container sees\n%s\nwant\n%s", got, want)
	}
	// Made anew, it keeps everything.
	c.Environment = map[string]string{"X": "y"}
	l.up(c)
	if again := l.sh(c, "ip -o -4 addr | awk '{print $2 $4}'; cat /sys/class/net/eth0/address; ip route | grep default; grep nameserver /etc/resolv.conf"); again != want {
		t.Errorf("made anew, the container sees\n%s", again)
	}
}

func TestTCPAndUDPOnOnePortAndRangesAreReachable(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.service("web", "busybox", "sh", "-c",
		"for p in 80 81 82; do mkdir /$p; echo tcp$p > /$p/index.html; httpd -p $p -h /$p; done; sleep 1000")
	l.network("front", "10.201.3", map[string]kinds.Address{"web-1": {IPv4: "10.201.3.10"}})
	c.NetworkMode, c.Networks = "", []kinds.NIC{{Network: "front", Gateway: true}}
	c.Ports = []kinds.Port{
		{Protocol: "tcp", Published: 18080, Target: 80}, {Protocol: "udp", Published: 18080, Target: 80},
		{Protocol: "tcp", Published: 18081, Target: 81, Count: 2}, {Protocol: "tcp", HostIP: "127.0.0.1", Published: 18085, Target: 80},
	}
	out := l.up(c)
	if len(out.Ports) != 4 {
		t.Errorf("it puts out %+v", out.Ports)
	}
	for address, want := range map[string]string{
		"127.0.0.1:18080": "tcp80", "[::1]:18080": "tcp80", "127.0.0.1:18081": "tcp81", "127.0.0.1:18082": "tcp82", "127.0.0.1:18085": "tcp80",
	} {
		eventually(t, address+" answers "+want, func() bool { return l.dial(address) == want })
	}
	eventually(t, "somebody listens on udp 18080", func() bool { return strings.Contains(l.host.Output(t, "ss", "-Hlun"), ":18080 ") })
}

// dial asks a port of the host, in its network namespace.
func (l *lab) dial(address string) string {
	out, _ := l.host.Command(l.t, "curl", "-gs", "-m", "30", "http://"+address+"/").Output() // refused until it listens
	return strings.TrimSpace(string(out))
}

func TestATakenPortIsNamedAndNothingIsLeftRunning(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	a, b := l.sleeper("a"), l.sleeper("b")
	a.Ports = []kinds.Port{{Protocol: "tcp", Published: 18090, Target: 80}}
	b.Ports = a.Ports
	l.up(a)
	l.must(b, resource.ActionEnsure)
	_, _, err := l.run(b, resource.ActionStart, resource.Options{})
	if !errors.Is(err, resource.ErrPortInUse) || !strings.Contains(err.Error(), "18090") || resource.Hint(err) == "" {
		t.Errorf("the error is %v", err)
	}
	eventually(t, "it is stopped", func() bool { return l.state(b).Status == resource.StatusStopped })
	l.down(a)
	l.up(b)
}

func TestAFreePortIsChosenAndKept(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	c.Ports = []kinds.Port{{Protocol: "tcp", Target: 80}, {Protocol: "udp", Target: 80}}
	out := l.up(c)
	if len(out.Ports) != 2 || out.Ports[0].Published < 49152 || out.Ports[1].Published < 49152 {
		t.Fatalf("it puts out %+v", out.Ports)
	}
	l.settled(c)
	c.Environment = map[string]string{"X": "y"}
	again := l.up(c)
	if len(again.Ports) != 2 || again.Ports[0] != out.Ports[0] || again.Ports[1] != out.Ports[1] {
		t.Errorf("made anew it puts out %+v, before %+v", again.Ports, out.Ports)
	}
}

func TestAFreePortTakenMeanwhileIsChosenAgain(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	c.Ports = []kinds.Port{{Protocol: "tcp", Target: 80}}
	l.must(c, resource.ActionEnsure)
	chosen := outputs(t, l.state(c).Outputs).Ports[0].Published
	thief := l.sleeper("thief")
	thief.Ports = []kinds.Port{{Protocol: "tcp", Published: chosen, Target: 80}}
	l.up(thief)
	out := outputs(t, l.must(c, resource.ActionStart).Outputs)
	if out.Status != "running" || out.Ports[0].Published == chosen {
		t.Errorf("it is %s with %+v", out.Status, out.Ports)
	}
	l.settled(c)
}
