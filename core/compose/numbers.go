package compose

import (
	"slices"
)

// Numbers returns the numbers of n replicas of a service that has replicas of the given numbers already. Those with the
// highest numbers go first, gaps are kept, and new replicas get numbers above all others, so that whatever stays keeps
// its name and its addresses.
func Numbers(n int, existing []int) []int {
	have := slices.Compact(slices.Sorted(slices.Values(existing)))
	if len(have) >= n {
		return have[:n]
	}
	next := 1
	if len(have) > 0 {
		next = have[len(have)-1] + 1
	}
	for ; len(have) < n; next++ {
		have = append(have, next)
	}
	return have
}

// numbers are those of a service's replicas. A service that the run is not about has all that exist, however many the
// compose file wants: they keep their addresses and names.
func (t *translator) numbers(s serviceConfig) []int {
	n, existing := t.replicas(s), t.o.Existing[s.Name]
	if t.o.Aside[s.Name] {
		n = max(n, len(existing))
	}
	return Numbers(n, existing)
}

// firstNumber is that of the replica that others mean when they name the service.
func (t *translator) firstNumber(s serviceConfig) int {
	if all := t.numbers(s); len(all) > 0 {
		return all[0]
	}
	return 1
}

// Fits says whether the translation numbers the replicas in the way that those which exist ask for. If not, translate
// again with TranslateOptions.Existing.
func (t *Translation) Fits(existing map[string][]int) bool {
	for service, numbers := range t.Numbers {
		n := len(numbers)
		if t.aside[service] {
			n = max(n, len(existing[service]))
		}
		if !slices.Equal(numbers, Numbers(n, existing[service])) {
			return false
		}
	}
	return true
}

// Aside returns the active services that a run for the named ones is not about: those that they do not depend on, or
// with noDeps all others. It is about all of them when none is named.
func (p *Project) Aside(names []string, noDeps bool) map[string]bool {
	if len(names) == 0 {
		return nil
	}
	wanted, aside := map[string]bool{}, map[string]bool{}
	for _, name := range names {
		mark(p, name, !noDeps, wanted)
	}
	for _, name := range p.serviceNames() {
		if !wanted[name] {
			aside[name] = true
		}
	}
	return aside
}

// slot chooses which of size things replica n has, of which each replica has one: the n-th, or the first that no other
// replica has where the numbers go beyond the things.
func slot(numbers []int, n, size int) int {
	if n <= size {
		return n - 1
	}
	free := 1
	for _, other := range numbers {
		for slices.Contains(numbers, free) {
			free++
		}
		if other == n {
			break
		}
		if other > size {
			free++
		}
	}
	return free - 1
}
