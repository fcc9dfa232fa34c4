package dnsmasq

import (
	"net/netip"
	"slices"
	"strings"
)

// Entry is one instance and the names that lead to it.
type Entry struct {
	// Names are valid host names, the most specific first.
	Names []string
	// Addrs are its addresses, at most one of each family.
	Addrs []netip.Addr
}

// Policy says how names are answered that no entry has.
type Policy struct {
	// RefuseUnknown answers names without dots with REFUSED instead of asking the server's own resolver. Resolvers of
	// instances that are on several networks then ask the next network; "no such name" would be final.
	RefuseUnknown bool
	// NoForward asks nobody else at all: an internal network has no way out, not even by DNS.
	NoForward bool
}

// nowhere is a server that can never be sent to (a broadcast address needs a socket option), so dnsmasq gives up at
// once and answers REFUSED.
const nowhere = "255.255.255.255"

// Lines returns the block of the entries. Equal entries give equal lines.
func Lines(entries []Entry, p Policy) []string {
	var lines []string
	if p.NoForward {
		lines = append(lines, "no-resolv")
	}
	if p.RefuseUnknown {
		lines = append(lines, "server=//"+nowhere)
	}
	for _, name := range names(entries) {
		// The name itself is answered here for every record type, so that asking for an IPv6 address ends with "none"
		// at once. What ends in the name is not: a service called "app" must not hide the domain app.
		lines = append(lines, "local=/"+name+"/", "server=/*."+name+"/#")
	}
	for _, e := range entries {
		for _, name := range e.Names {
			lines = append(lines, hostRecord(name, e.Addrs))
		}
	}
	return lines
}

func hostRecord(name string, addrs []netip.Addr) string {
	parts := []string{name}
	for _, a := range addrs {
		parts = append(parts, a.String())
	}
	return "host-record=" + strings.Join(parts, ",")
}

// names returns the distinct names of the entries, sorted.
func names(entries []Entry) []string {
	var all []string
	for _, e := range entries {
		all = append(all, e.Names...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// ValidName says whether name can be a host name in dnsmasq's configuration. Underscores are allowed: Compose's
// service names have them and resolvers take them.
func ValidName(name string) bool {
	if _, err := netip.ParseAddr(name); err == nil || name == "" || len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, allowed) != "" || label[0] == '-' {
			return false
		}
	}
	return true
}

const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

// PolicyOf returns the policy that a block was written with.
func PolicyOf(lines []string) Policy {
	return Policy{
		RefuseUnknown: slices.Contains(lines, "server=//"+nowhere),
		NoForward:     slices.Contains(lines, "no-resolv"),
	}
}
