package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/icc-project/icc/sdk/resource"
)

// named returns a network's fields with the names that they have in compose files. Its rules are left out where another
// field says why they differ; else it is for what services publish.
func named(fields []resource.FieldChange, cfg config) []resource.FieldChange {
	explained := slices.ContainsFunc(fields, func(f resource.FieldChange) bool {
		return strings.HasPrefix(f.Path, keyACLs) || f.Path == "ipv4.address" || f.Path == "ipv6.address"
	})
	var out []resource.FieldChange
	for _, f := range fields {
		if f.Path == keyACLHash && explained {
			continue
		}
		f.Compose = composeName(f.Path, cfg)
		out = append(out, f)
	}
	return out
}

// closed puts into one field that a network becomes internal or ceases to be: Incus has several keys for it. Without that
// it is Incus' key.
func closed(fields []resource.FieldChange) []resource.FieldChange {
	i := slices.IndexFunc(fields, func(f resource.FieldChange) bool { return f.Compose == nameInternal })
	if i < 0 {
		return fields
	}
	f := &fields[i]
	before, after := f.Before == "drop", f.After == "drop"
	if before == after {
		f.Compose = ""
		return fields
	}
	f.Before, f.After = strconv.FormatBool(before), strconv.FormatBool(after)
	consequences := []string{"ipv4.dhcp.gateway", "ipv4.nat", "ipv6.nat", "dns"}
	return slices.DeleteFunc(fields, func(f resource.FieldChange) bool {
		return f.Compose == "" && slices.Contains(consequences, f.Path)
	})
}

// nameInternal is the attribute of networks without a way out.
const nameInternal = "internal"

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
		return nameInternal
	case strings.HasPrefix(path, "addresses."):
		return "services.networks." + strings.TrimPrefix(path, "addresses.")
	}
	return ""
}
