package address

import (
	"net/netip"
	"strings"
)

// maxDHCP is how many addresses at the top of an IPv4 subnet are left to guests that ask for one.
const maxDHCP = 16

// DHCPBlock returns the ranges at the top of an IPv4 subnet that DHCP may use: a sixteenth of it, at least one address
// and at most 16, without the addresses in except. It is empty for subnets that have no room for it.
func DHCPBlock(subnet netip.Prefix, except map[netip.Addr]bool) []Range {
	hosts := Pool{Subnet: subnet}.Size()
	if !subnet.Addr().Is4() || hosts < 4 {
		return nil
	}
	left := min(max(hosts/16, 1), maxDHCP)
	var out []Range
	for a := lastOf(subnet).Prev(); left > 0 && subnet.Contains(a) && a != subnet.Addr(); a = a.Prev() {
		left--
		if except[a] {
			continue
		}
		if n := len(out); n > 0 && out[n-1].First == a.Next() {
			out[n-1].First = a
			continue
		}
		out = append(out, Range{First: a, Last: a})
	}
	return out
}

// FormatRanges returns ranges as Incus' ipv4.dhcp.ranges has them.
func FormatRanges(rs []Range) string {
	parts := make([]string, len(rs))
	for i, r := range rs {
		parts[i] = r.String()
	}
	return strings.Join(parts, ",")
}

// ParseRanges reads Incus' ipv4.dhcp.ranges; an empty string has none.
func ParseRanges(s string) ([]Range, error) {
	var out []Range
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		r, err := ParseRange(part)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// cutRange reads "first-last".
func cutRange(s string) (first, last netip.Addr, err error) {
	a, b, _ := strings.Cut(s, "-")
	if first, err = netip.ParseAddr(strings.TrimSpace(a)); err != nil {
		return first, last, err
	}
	last, err = netip.ParseAddr(strings.TrimSpace(b))
	return first, last, err
}
