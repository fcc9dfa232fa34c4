package spec

import (
	"fmt"
	"net/netip"
)

// FirstMACs returns the keys that give the NICs of a new instance their hardware addresses, made from their IP addresses
// as Docker does: whoever gets an address that another instance had before is found at once by those who remember where
// that one was. NICs without a fixed address, or with a hardware address of their own, are left to the server.
func FirstMACs(devices Devices) map[string]string {
	out := map[string]string{}
	for name, dev := range devices {
		if dev["type"] != "nic" || dev["hwaddr"] != "" {
			continue
		}
		text := dev["ipv4.address"]
		addr, err := netip.ParseAddr(text)
		if err != nil {
			prefix, err := netip.ParsePrefix(text)
			if err != nil {
				continue
			}
			addr = prefix.Addr()
		}
		if addr.Is4() {
			ip := addr.As4()
			out["volatile."+name+".hwaddr"] = fmt.Sprintf("02:1c:%02x:%02x:%02x:%02x", ip[0], ip[1], ip[2], ip[3])
		}
	}
	return out
}
