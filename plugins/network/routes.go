package main

import (
	"encoding/binary"
	"encoding/hex"
	"math/bits"
	"net/netip"
	"os"
	"strings"
)

// hostRoutes returns the IPv4 subnets that this machine has routes to, the default route aside: VPNs, other bridges,
// the machine's own networks. Without a readable table there are none.
func hostRoutes() []netip.Prefix {
	table, err := os.ReadFile("/proc/net/route")
	if err != nil {
		return nil
	}
	return parseRoutes(string(table))
}

// parseRoutes reads the kernel's table: a line of headings, then one route a line with its destination in the second
// and its mask in the eighth column, both in the machine's byte order.
func parseRoutes(table string) []netip.Prefix {
	var out []netip.Prefix
	for line := range strings.Lines(table) {
		fields := strings.Fields(line)
		if len(fields) < 8 {
			continue
		}
		destination, err1 := hex.DecodeString(fields[1])
		mask, err2 := hex.DecodeString(fields[7])
		if err1 != nil || err2 != nil || len(destination) != 4 || len(mask) != 4 {
			continue
		}
		var addr [4]byte
		binary.LittleEndian.PutUint32(addr[:], binary.BigEndian.Uint32(destination))
		if n := bits.OnesCount32(binary.BigEndian.Uint32(mask)); n > 0 {
			out = append(out, netip.PrefixFrom(netip.AddrFrom4(addr), n).Masked())
		}
	}
	return out
}
