package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/icc-project/icc/plugins/network/dnsmasq"
	"github.com/icc-project/icc/sdk/resource"
)

// differences returns what a write of next would change, as people think of it. Bookkeeping is no reason to write: icc's
// version, the list of its keys, and leases of instances that are gone.
func differences(current, next map[string]string) []resource.FieldChange {
	var out []resource.FieldChange
	add := func(path, before, after string) {
		if before != after {
			out = append(out, resource.FieldChange{Path: path, Before: before, After: after, Class: resource.ClassLive})
		}
	}
	for _, key := range bothKeys(current, next) {
		before, after := current[key], next[key]
		name, isLease := strings.CutPrefix(key, leasePrefix)
		label, isLabel := strings.CutPrefix(key, resource.KeyLabel)
		switch {
		case key == resource.KeyVersion || key == resource.KeyOwned:
		case key == keyRaw:
			addRecords(add, before, after)
		case isLease && after == "":
		case isLease:
			add("addresses."+name, addressText(before), addressText(after))
		case isLabel:
			add("labels."+label, before, after)
		default:
			add(key, before, after)
		}
	}
	return out
}

// addRecords reports changed records by name, and other changed lines as one difference.
func addRecords(add func(path, before, after string), before, after string) {
	if before == after {
		return
	}
	old, now := dnsmasq.Parse(before), dnsmasq.Parse(after)
	found := false
	for _, name := range bothKeys(old, now) {
		b, a := strings.Join(old[name], ", "), strings.Join(now[name], ", ")
		add("dns."+name, b, a)
		found = found || a != b
	}
	if !found {
		add("dns", "other lines", "changed")
	}
}

// addressText returns the addresses of a stored lease.
func addressText(stored string) string {
	l, _ := readLease(stored) // what cannot be read has none
	var parts []string
	for _, a := range l.addrs() {
		parts = append(parts, a.String())
	}
	return strings.Join(parts, ", ")
}

// bothKeys returns the keys of two maps, sorted and each once.
func bothKeys[V any](a, b map[string]V) []string {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(keys)
	return slices.Compact(keys)
}
