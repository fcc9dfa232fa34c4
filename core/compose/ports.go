package compose

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/icc-project/icc/sdk/kinds"
)

// maxPort is the highest port number.
const maxPort = 65535

// ports translates the published ports of replica n, and joins neighbouring ones to ranges.
func (t *translator) ports(s serviceConfig, n int, nat bool) []kinds.Port {
	var ports []kinds.Port
	for i, p := range s.Ports {
		path := t.item(servicePath(s.Name)+".ports", i, len(s.Ports))
		protocol := strings.ToLower(p.Protocol)
		if protocol == "" {
			protocol = "tcp"
		}
		if protocol != "tcp" && protocol != "udp" {
			t.fail(path, fmt.Sprintf("protocol %q cannot be published", p.Protocol), "publish tcp or udp")
			continue
		}
		if p.Target == 0 || p.Target > maxPort {
			t.fail(path, fmt.Sprintf("target port %d is not between 1 and %d", p.Target, maxPort), "correct the port")
			continue
		}
		published, ok := t.published(s, p, n, path)
		if !ok {
			continue
		}
		ports = append(ports, kinds.Port{
			Protocol: protocol, HostIP: hostIP(p.HostIP), Published: published, Target: int(p.Target), NAT: nat,
		})
	}
	slices.SortStableFunc(ports, comparePorts)
	ports = slices.Compact(ports)
	return joinRanges(ports)
}

// published chooses the host port of replica n: one of the published range, or 0 for any free one.
func (t *translator) published(s serviceConfig, p types.ServicePortConfig, n int, path string) (int, bool) {
	if p.Published == "" {
		return 0, true
	}
	low, high, err := portRange(p.Published)
	if err != nil {
		t.fail(path, fmt.Sprintf("published port %q %v", p.Published, err), "write a port such as 8080, or a range such as 8080-8089")
		return 0, false
	}
	if low == 0 {
		return 0, true
	}
	replicas := t.replicas(s)
	if size := high - low + 1; replicas > size {
		text := fmt.Sprintf("%d replicas of service %q cannot share host port %d", replicas, s.Name, low)
		if size > 1 {
			text = fmt.Sprintf("%d replicas of service %q need more than the %d host ports %s", replicas, s.Name, size, p.Published)
		}
		t.fail(path, text, fmt.Sprintf(`publish a range with a port for each replica, such as "%d-%d:%d", or none: "%d"`,
			low, low+replicas-1, p.Target, p.Target))
		return 0, false
	}
	return low + slot(t.numbers(s), n, high-low+1), true
}

// portRange reads "8080" or "8080-8090".
func portRange(text string) (low, high int, err error) {
	first, last, isRange := strings.Cut(text, "-")
	if low, err = portNumber(first); err != nil {
		return 0, 0, err
	}
	if !isRange {
		return low, low, nil
	}
	if high, err = portNumber(last); err != nil {
		return 0, 0, err
	}
	if high < low {
		return 0, 0, fmt.Errorf("ends before it begins")
	}
	return low, high, nil
}

func portNumber(text string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 0 || n > maxPort {
		return 0, fmt.Errorf("is not a number between 1 and %d", maxPort)
	}
	return n, nil
}

// hostIP writes an address in its shortest form, without brackets.
func hostIP(text string) string {
	text = strings.Trim(text, "[]")
	if ip, err := netip.ParseAddr(text); err == nil {
		return ip.String()
	}
	return text
}

func comparePorts(a, b kinds.Port) int {
	if c := strings.Compare(a.Protocol, b.Protocol); c != 0 {
		return c
	}
	if c := strings.Compare(a.HostIP, b.HostIP); c != 0 {
		return c
	}
	if a.Published != b.Published {
		return a.Published - b.Published
	}
	return a.Target - b.Target
}

// joinRanges joins sorted ports that follow each other on both sides.
func joinRanges(ports []kinds.Port) []kinds.Port {
	var out []kinds.Port
	for _, p := range ports {
		if len(out) > 0 && p.Published > 0 {
			last := &out[len(out)-1]
			count := max(last.Count, 1)
			if last.Protocol == p.Protocol && last.HostIP == p.HostIP && last.NAT == p.NAT && last.Published > 0 &&
				last.Published+count == p.Published && last.Target+count == p.Target {
				last.Count = count + 1
				continue
			}
		}
		out = append(out, p)
	}
	return out
}

// claim is a host port range that an instance publishes.
type claim struct {
	kinds.Port
	service, path string
}

func (c claim) last() int { return c.Published + max(c.Count, 1) - 1 }

// checkPorts looks for host ports that two wanted instances publish.
func (t *translator) checkPorts() {
	slices.SortStableFunc(t.claims, func(a, b claim) int { return a.Published - b.Published })
	for i, a := range t.claims {
		for _, b := range t.claims[i+1:] {
			if b.Published > a.last() {
				break
			}
			if a.Protocol != b.Protocol || !sameAddress(a.HostIP, b.HostIP) {
				continue
			}
			if a.service == b.service {
				t.fail(b.path, fmt.Sprintf("service %q publishes host port %d/%s twice", b.service, b.Published, b.Protocol),
					"remove one of the two entries")
				continue
			}
			t.fail(b.path, fmt.Sprintf("host port %d/%s is published by service %q already", b.Published, b.Protocol, a.service),
				fmt.Sprintf("give one of %q and %q another host port", a.service, b.service))
		}
	}
}

// sameAddress says whether two host addresses overlap. No address and :: mean all, 0.0.0.0 all of IPv4.
func sameAddress(a, b string) bool {
	wild := func(s string) bool { return s == "" || s == "::" }
	if a == b || wild(a) || wild(b) {
		return true
	}
	is4 := func(s string) bool { ip, err := netip.ParseAddr(s); return err == nil && ip.Is4() }
	return a == "0.0.0.0" && is4(b) || b == "0.0.0.0" && is4(a)
}
