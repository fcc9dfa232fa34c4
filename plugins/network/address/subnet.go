package address

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"iter"
	"net/netip"
	"slices"
)

// spaces returns the private networks that subnets are cut from, in the order in which they are tried.
func spaces() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"),
		netip.MustParsePrefix("172.16.0.0/12"),
		netip.MustParsePrefix("192.168.0.0/16"),
	}
}

// Bits returns the prefix length of an automatic subnet for a number of instances: /24, or less when that many
// would not fit with room to spare.
func Bits(instances int) int {
	bits := 24
	for room := 200; room < instances && bits > 16; room *= 2 {
		bits--
	}
	return bits
}

// Subnets yields the free IPv4 subnets of a prefix length, none of which overlaps one in use. Where it begins depends
// on seed, so that a network that is made anew mostly gets its old addresses and two networks rarely try the same.
func Subnets(seed string, bits int, used []netip.Prefix) iter.Seq[netip.Prefix] {
	return func(yield func(netip.Prefix) bool) {
		h := fnv.New32a()
		_, _ = h.Write([]byte(seed)) // a hash never fails
		for _, space := range spaces() {
			count := uint32(1) << (bits - space.Bits())
			for i := range count {
				p := nth(space, bits, (h.Sum32()+i)%count)
				if !overlaps(p, used) && !yield(p) {
					return
				}
			}
		}
	}
}

// Subnet6 returns the unique local IPv6 subnet for a seed (RFC 4193). With 64 bits of hash, collisions are not checked.
func Subnet6(seed string) netip.Prefix {
	sum := sha256.Sum256([]byte(seed))
	b := [16]byte{0: 0xfd}
	copy(b[1:8], sum[:7])
	return netip.PrefixFrom(netip.AddrFrom16(b), 64)
}

// Gateway returns the first address of a subnet, which is the network's own by convention.
func Gateway(subnet netip.Prefix) netip.Addr { return subnet.Masked().Addr().Next() }

// nth returns the n-th subnet of space.
func nth(space netip.Prefix, bits int, n uint32) netip.Prefix {
	base := space.Addr().As4()
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], binary.BigEndian.Uint32(base[:])+n<<(32-bits))
	return netip.PrefixFrom(netip.AddrFrom4(b), bits)
}

func overlaps(p netip.Prefix, used []netip.Prefix) bool {
	return slices.ContainsFunc(used, p.Overlaps)
}

// ParseCIDR reads a network's own address such as "10.1.2.1/24" into the address and its subnet.
func ParseCIDR(s string) (netip.Addr, netip.Prefix, error) {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Addr{}, netip.Prefix{}, fmt.Errorf("%q is not an address with a prefix length", s)
	}
	return p.Addr(), p.Masked(), nil
}
