package main

import (
	"strings"

	"github.com/icc-project/icc/sdk/resource"
)

// named adds the names that a network's fields have in compose files.
func named(fields []resource.FieldChange, cfg config) []resource.FieldChange {
	for i := range fields {
		fields[i].Compose = composeName(fields[i].Path, cfg)
	}
	return fields
}

// composeName returns a field's name in the compose file, empty where it has none or has it already.
func composeName(path string, cfg config) string {
	if _, raw := cfg.Incus[path]; raw {
		return "x-incus." + path
	}
	option := func(name string) string { return "driver_opts." + name }
	switch {
	case path == "type":
		return "driver"
	case path == "ipv4.address":
		return "ipam.config.subnet"
	case path == "ipv6.address" && len(cfg.IPAM) == 0:
		return "enable_ipv6"
	case path == "ipv6.address":
		return "ipam.config.subnet"
	case path == "bridge.mtu" || path == "mtu":
		return option(optMTU)
	case path == "parent":
		return option(optParent)
	case path == "ipv4.nat" && cfg.DriverOpts[optMasquerade] != "":
		return option(optMasquerade)
	case path == "ipv4.nat" && cfg.DriverOpts[optMode4] != "":
		return option(optMode4)
	case path == "ipv6.nat" && cfg.DriverOpts[optMode6] != "":
		return option(optMode6)
	case path == keyACLHash:
		return "services.ports"
	case path == keyACLs+".default.egress.action":
		return "internal"
	case strings.HasPrefix(path, "addresses."):
		return "services.networks." + strings.TrimPrefix(path, "addresses.")
	}
	return ""
}
