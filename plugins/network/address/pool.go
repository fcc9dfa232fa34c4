package address

import (
	"fmt"
	"math/big"
	"net/netip"
	"slices"
)

// Pool is the addresses of one family on one network.
type Pool struct {
	// Subnet is the network's own prefix, masked.
	Subnet netip.Prefix
	// Gateway is the network's own address; invalid when it has none.
	Gateway netip.Addr
	// Within bounds what is handed out without being asked for (Compose's ip_range); invalid means the whole subnet.
	Within netip.Prefix
	// DHCP are ranges that are never handed out without being asked for.
	DHCP []Range
	// Taken are addresses of others.
	Taken map[netip.Addr]bool
}

// Range is a run of addresses with both ends.
type Range struct {
	First, Last netip.Addr
}

// String returns "first-last", as Incus writes it.
func (r Range) String() string { return r.First.String() + "-" + r.Last.String() }

// Contains says whether a lies in the range.
func (r Range) Contains(a netip.Addr) bool { return r.First.Compare(a) <= 0 && a.Compare(r.Last) <= 0 }

// ParseRange reads what String wrote.
func ParseRange(s string) (Range, error) {
	first, last, err := cutRange(s)
	if err != nil || first.Compare(last) > 0 || first.Is4() != last.Is4() {
		return Range{}, fmt.Errorf("%q is not a range of addresses", s)
	}
	return Range{First: first, Last: last}, nil
}

// problem says why a cannot belong to an instance, or nothing.
func (p Pool) problem(a netip.Addr) string {
	switch {
	case !p.Subnet.Contains(a):
		return fmt.Sprintf("is outside the subnet %s", p.Subnet)
	case a == p.Gateway:
		return "is the network's own address"
	case p.Taken[a]:
		return "is taken by somebody else"
	case p.wholeSubnet(a):
		return fmt.Sprintf("stands for the whole subnet %s", p.Subnet)
	}
	return ""
}

// wholeSubnet recognises the address of the network itself and its broadcast address.
func (p Pool) wholeSubnet(a netip.Addr) bool {
	if p.Subnet.Addr().BitLen()-p.Subnet.Bits() < 2 {
		return false // a point-to-point subnet has neither
	}
	return a == p.Subnet.Addr() || a.Is4() && a == lastOf(p.Subnet)
}

// free says whether a may be handed out without being asked for.
func (p Pool) free(a netip.Addr) bool {
	inDHCP := slices.ContainsFunc(p.DHCP, func(r Range) bool { return r.Contains(a) })
	return !inDHCP && p.problem(a) == ""
}

// window returns the first address to try and the prefix in which to stay.
func (p Pool) window() netip.Prefix {
	if p.Within.IsValid() {
		return p.Within.Masked()
	}
	return p.Subnet
}

// Size returns how many instances the subnet can hold at all, up to the largest int64.
func (p Pool) Size() int64 {
	bits := p.Subnet.Addr().BitLen() - p.Subnet.Bits()
	n := new(big.Int).Lsh(big.NewInt(1), uint(bits))
	n.Sub(n, big.NewInt(3)) // network, broadcast and gateway
	if !n.IsInt64() {
		return 1<<63 - 1
	}
	return max(0, n.Int64())
}

// lastOf returns the highest address of a prefix.
func lastOf(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 1 << (7 - i%8)
	}
	last, _ := netip.AddrFromSlice(b)
	return last
}
