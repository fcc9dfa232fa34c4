package dnsmasq

import (
	"net/netip"
	"slices"
	"strings"
)

// Parse returns the addresses that raw gives each name, in the order of the lines: of host-record and address lines,
// of all projects and of people. Names are in lower case; what is no such line or has no address is left out.
func Parse(raw string) map[string][]string {
	out := make(map[string][]string)
	for _, line := range split(raw) {
		names, addrs := parseLine(line)
		for _, name := range names {
			for _, a := range addrs {
				if !slices.Contains(out[name], a) {
					out[name] = append(out[name], a)
				}
			}
		}
	}
	return out
}

// parseLine reads "host-record=a,b,10.0.0.1,fd00::1,3600" or "address=/a/b/10.0.0.1".
func parseLine(line string) (names, addrs []string) {
	key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
	separator := ""
	switch strings.TrimSpace(key) {
	case "host-record":
		separator = ","
	case "address":
		separator = "/"
	default:
		return nil, nil
	}
	for part := range strings.SplitSeq(value, separator) {
		part = strings.ToLower(strings.TrimSpace(part))
		if _, err := netip.ParseAddr(part); err == nil {
			addrs = append(addrs, part)
		} else if ValidName(part) && len(addrs) == 0 { // what follows the addresses is a time to live
			names = append(names, part)
		}
	}
	return names, addrs
}

// Names returns the names that a block's lines give each address, in their order.
func Names(lines []string) map[string][]string {
	out := make(map[string][]string)
	for _, line := range lines {
		names, addrs := parseLine(line)
		for _, a := range addrs {
			out[a] = append(out[a], names...)
		}
	}
	return out
}

// SetNames returns the block's lines with other addresses for some names: each name in owned leads to addrs[name]
// and nowhere else. Names that are not owned keep what they have.
func SetNames(lines, owned []string, addrs map[string][]netip.Addr) []string {
	isOwned := func(name string) bool { return slices.Contains(owned, name) }
	kept := slices.DeleteFunc(slices.Clone(lines), func(line string) bool {
		switch key, value, _ := strings.Cut(line, "="); key {
		case "host-record":
			name, _, _ := strings.Cut(value, ",")
			return isOwned(name)
		case "local":
			return isOwned(strings.Trim(value, "/"))
		case "server":
			name, wildcard := strings.CutPrefix(strings.TrimSuffix(value, "/#"), "/*.")
			return wildcard && isOwned(name)
		}
		return false
	})
	var entries []Entry
	for _, name := range owned {
		for _, a := range addrs[name] {
			entries = append(entries, Entry{Names: []string{name}, Addrs: []netip.Addr{a}})
		}
	}
	return append(kept, Lines(entries, Policy{})...)
}
