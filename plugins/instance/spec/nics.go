package spec

import (
	"fmt"
	"maps"
	"net/netip"

	"github.com/icc-project/icc/sdk/kinds"
)

// nics writes one device per network, in the declared order: the first is eth0. Addresses are static, so a start waits
// for no DHCP server.
func (t *translation) nics() error {
	for i, nic := range t.Config.Networks {
		net, ok := t.Networks[nic.Network]
		if !ok {
			return fmt.Errorf("outputs of network %q are missing", nic.Network)
		}
		device := fmt.Sprintf("eth%d", i)
		dev, err := t.nic(nic, net)
		if err != nil {
			return fmt.Errorf("network %q: %w", nic.Network, err)
		}
		if dev["name"] == "" {
			dev["name"] = device
		}
		t.out.Devices[device] = dev
	}
	return nil
}

func (t *translation) nic(nic kinds.NIC, net kinds.NetworkOutputs) (map[string]string, error) {
	dev := map[string]string{"type": "nic", "name": nic.Interface}
	if net.Managed {
		dev["network"] = net.IncusName
	} else {
		dev["nictype"], dev["parent"] = "bridged", net.IncusName
	}
	if nic.MACAddress != "" {
		dev["hwaddr"] = nic.MACAddress
	}
	address := net.Addresses[t.Name]
	gateway := nic.Gateway && !net.Internal
	if err := t.family(dev, "ipv4", address.IPv4, net.IPv4, net.DHCP, gateway); err != nil {
		return nil, err
	}
	if net.IPv6 == "" {
		dev["ipv6.address"] = "none" // else the start waits for duplicate address detection
	} else if err := t.family(dev, "ipv6", address.IPv6, net.IPv6, false, gateway); err != nil {
		return nil, err
	}
	maps.Copy(dev, net.NIC)
	maps.Copy(dev, nic.Incus)
	return dev, nil
}

// family writes the address of one family. Native images configure themselves by DHCP, and so does everybody on a
// network whose DHCP server has all addresses to give away: they get a reservation.
func (t *translation) family(dev map[string]string, family, address, network string, dhcp, gateway bool) error {
	if address == "" {
		return nil
	}
	if dhcp || !t.oci() {
		dev[family+".address"] = address
		return nil
	}
	prefix, err := netip.ParsePrefix(network)
	if err != nil {
		return fmt.Errorf("its address %q: %w", network, err)
	}
	dev[family+".address"] = fmt.Sprintf("%s/%d", address, prefix.Bits())
	dev[family+".gateway"] = "none"
	if gateway {
		dev[family+".gateway"] = prefix.Addr().String()
	}
	return nil
}
