package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/icc-project/icc/plugins/network/dnsmasq"
	"github.com/icc-project/icc/sdk/resource"
)

// differences returns what a write of next would change, as people think of it. Bookkeeping is no reason to write: icc's
// version, the list of its keys, the record of their values, and leases of instances that are gone, with the names that only they had.
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
		case key == resource.KeyVersion || key == resource.KeyOwned || key == resource.KeyApplied:
		case key == keyRaw:
			addRecords(add, withoutGone(before, after, goneAddresses(current, next)), after)
		case key == keyACLHash:
			if before != after {
				out = append(out, resource.FieldChange{Path: key, Class: resource.ClassLive}) // a hash tells people nothing
			}
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

// goneAddresses returns those of the leases that next does not have.
func goneAddresses(current, next map[string]string) map[string]bool {
	out := make(map[string]bool)
	for key, stored := range current {
		if _, stays := next[key]; stays || !strings.HasPrefix(key, leasePrefix) {
			continue
		}
		l, _ := readLease(stored) // what cannot be read has none
		for _, a := range l.addrs() {
			out[a.String()] = true
		}
	}
	return out
}

// withoutGone returns before without the records of names that lead to gone addresses only and that after does not have.
func withoutGone(before, after string, gone map[string]bool) string {
	if len(gone) == 0 {
		return before
	}
	now := dnsmasq.Parse(after)
	var names []string
	for name, addrs := range dnsmasq.Parse(before) {
		lives := slices.ContainsFunc(addrs, func(a string) bool { return !gone[a] })
		if _, stays := now[name]; !stays && !lives {
			names = append(names, name)
		}
	}
	return strings.Join(dnsmasq.SetNames(strings.Split(before, "\n"), names, nil), "\n")
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
