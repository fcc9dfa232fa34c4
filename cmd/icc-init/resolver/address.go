package resolver

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// address is a socket's. Package net/netip would cost 100 KB.
type address struct {
	family int
	ip     [16]byte // of an IPv4 address the first four bytes
	port   int
	zone   uint32
}

// parseAddress reads an address without a port: 10.0.0.1, fd00::1, fe80::1%eth0.
func parseAddress(text string, port int) (address, bool) {
	a := address{family: syscall.AF_INET, port: port}
	if ip, ok := parse4(text); ok {
		copy(a.ip[:], ip[:])
		return a, true
	}
	text, zone, zoned := strings.Cut(text, "%")
	if zoned {
		a.zone = interfaceNumber(zone)
	}
	var ok bool
	a.family = syscall.AF_INET6
	a.ip, ok = parse6(text)
	return a, ok
}

// kernel is the address for one call, which writes into it.
func (a address) kernel() syscall.Sockaddr {
	if a.family == syscall.AF_INET {
		return &syscall.SockaddrInet4{Port: a.port, Addr: [4]byte(a.ip[:4])}
	}
	return &syscall.SockaddrInet6{Port: a.port, Addr: a.ip, ZoneId: a.zone}
}

func interfaceNumber(name string) uint32 {
	number, _ := os.ReadFile("/sys/class/net/" + name + "/ifindex")
	n, _ := strconv.ParseUint(strings.TrimSpace(string(number)), 10, 32)
	return uint32(n)
}

func parse4(text string) (ip [4]byte, ok bool) {
	parts := strings.Split(text, ".")
	if len(parts) != len(ip) {
		return ip, false
	}
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 8)
		if err != nil {
			return ip, false
		}
		ip[i] = byte(n)
	}
	return ip, true
}

// parse6 reads eight groups, of which one run of zeros may be written as "::" and the last two as an IPv4 address.
func parse6(text string) (ip [16]byte, ok bool) {
	head, tail, short := strings.Cut(text, "::")
	front, ok := groups(head)
	if !ok || !short && len(front) != len(ip) {
		return ip, false
	}
	back, ok := groups(tail)
	if !ok || short && len(front)+len(back) > len(ip)-2 {
		return ip, false
	}
	copy(ip[:], front)
	copy(ip[len(ip)-len(back):], back)
	return ip, true
}

func groups(text string) ([]byte, bool) {
	var out []byte
	if text == "" {
		return nil, true
	}
	parts := strings.Split(text, ":")
	for i, part := range parts {
		if ip, ok := parse4(part); ok && i == len(parts)-1 {
			return append(out, ip[:]...), len(out) <= 12
		}
		n, err := strconv.ParseUint(part, 16, 16)
		if err != nil {
			return nil, false
		}
		out = append(out, byte(n>>8), byte(n))
	}
	return out, len(out) <= 16
}
