package spec

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/icc-project/icc/sdk/kinds"
)

const portPrefix = "port-"

// ports writes one proxy device per published port or range.
func (t *translation) ports() error {
	for _, p := range t.Config.Ports {
		if p.Published != 0 || p.Count <= 1 {
			t.port(p)
			continue
		}
		for i := range p.Count { // free ports need not lie side by side
			one := p
			one.Target, one.Count = p.Target+i, 1
			t.port(one)
		}
	}
	return nil
}

func (t *translation) port(p kinds.Port) {
	name := portDevice(p)
	dev := map[string]string{
		"type":    "proxy",
		"bind":    "host",
		"listen":  p.Protocol + ":" + net.JoinHostPort(t.listenAddress(p), portRange(p.Published, p.Count)),
		"connect": p.Protocol + ":127.0.0.1:" + portRange(p.Target, p.Count),
	}
	if p.NAT {
		dev["nat"] = "true"
		dev["connect"] = p.Protocol + ":0.0.0.0:" + portRange(p.Target, p.Count)
	}
	if p.Published == 0 {
		t.out.FreePorts = append(t.out.FreePorts, name)
	}
	t.out.Devices[name] = dev
}

// listenAddress is the host's address. The IPv6 wildcard takes IPv4 clients as well, with one device instead of two;
// NAT rules exist for one family only.
func (t *translation) listenAddress(p kinds.Port) string {
	switch {
	case p.HostIP != "":
		return strings.Trim(p.HostIP, "[]")
	case t.Host.IPv6 && !p.NAT:
		return "::"
	}
	return "0.0.0.0"
}

// portDevice names the device so that the same port on another address or protocol is another device.
func portDevice(p kinds.Port) string {
	published := strconv.Itoa(p.Published)
	if p.Published == 0 {
		published = "any-" + strconv.Itoa(p.Target)
	}
	return fmt.Sprintf("%s%s-%s-%s", portPrefix, p.Protocol, shortHash(p.HostIP), published)
}

func portRange(first, count int) string {
	if count <= 1 {
		return strconv.Itoa(first)
	}
	return fmt.Sprintf("%d-%d", first, first+count-1)
}

// shortHash tells apart what a device name has no room for.
func shortHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:3])
}

// ParsePort reads a proxy device back; ok is false for devices that publish no port.
func ParsePort(name string, dev map[string]string) (p kinds.Port, ok bool) {
	if !strings.HasPrefix(name, portPrefix) || dev["type"] != "proxy" {
		return p, false
	}
	proto, listen, _ := strings.Cut(dev["listen"], ":")
	_, connect, _ := strings.Cut(dev["connect"], ":")
	host, published, err := net.SplitHostPort(listen)
	if err != nil {
		return p, false
	}
	_, target, err := net.SplitHostPort(connect)
	if err != nil {
		return p, false
	}
	p = kinds.Port{Protocol: proto, HostIP: host, NAT: dev["nat"] == "true"}
	if strings.HasPrefix(name, portPrefix+proto+"-"+shortHash("")) {
		p.HostIP = "" // a wildcard that stands for all addresses
	}
	p.Published, p.Count = parseRange(published)
	p.Target, _ = parseRange(target)
	return p, p.Published > 0 && p.Target > 0
}

func parseRange(s string) (first, count int) {
	from, to, isRange := strings.Cut(s, "-")
	first, _ = strconv.Atoi(from)
	if !isRange {
		return first, 1
	}
	last, _ := strconv.Atoi(to)
	return first, last - first + 1
}

// SetFreePort gives a device of FreePorts the host port it listens on.
func SetFreePort(dev map[string]string, port int) {
	at := strings.LastIndex(dev["listen"], ":")
	dev["listen"] = dev["listen"][:at+1] + strconv.Itoa(port)
}

// IsFreePort says whether a device publishes on a port that icc chose.
func IsFreePort(name string) bool {
	return strings.HasPrefix(name, portPrefix) && strings.Contains(name, "-any-")
}
