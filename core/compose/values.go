package compose

import (
	"fmt"
	"net"
	"net/netip"
	"regexp"
)

// values refuses texts that are no values of their attribute, which the server would find out when the project is half made.
func (c *checker) values(s serviceConfig) {
	for i, address := range s.DNS {
		if _, err := netip.ParseAddr(address); err != nil {
			c.add(c.item("dns", i, len(s.DNS)), fmt.Sprintf("%q is not an IP address", address), "write the address of a name server")
		}
	}
	c.macAddress("mac_address", s.MacAddress)
	for _, name := range sortedKeys(s.Networks) {
		if n := s.Networks[name]; n != nil {
			c.macAddress("networks."+name+".mac_address", n.MacAddress)
		}
	}
	if s.CPUSet != "" && !regexp.MustCompile(`^\d+(-\d+)?(,\d+(-\d+)?)*$`).MatchString(s.CPUSet) {
		c.add("cpuset", fmt.Sprintf("%q is not a list of processors", s.CPUSet), `write their numbers, such as "0-3,5"`)
	}
}

func (c *checker) macAddress(attribute, address string) {
	const macBytes = 6
	if mac, err := net.ParseMAC(address); address != "" && (err != nil || len(mac) != macBytes) {
		c.add(attribute, fmt.Sprintf("%q is not a MAC address", address), "write six bytes, such as 02:42:ac:11:00:02")
	}
}
