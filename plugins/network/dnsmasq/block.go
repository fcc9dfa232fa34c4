package dnsmasq

import (
	"slices"
	"strings"
)

// begin and end are the lines around a project's block.
func begin(project string) string { return "# icc " + project + " begin" }
func end(project string) string   { return "# icc " + project + " end" }

// Block returns the lines of the project's block, nil when there is none.
func Block(raw, project string) []string {
	lines := split(raw)
	first, last, ok := find(lines, project)
	if !ok {
		return nil
	}
	return lines[first+1 : last]
}

// SetBlock returns raw with the project's block holding exactly lines, where it was or at the end. Without lines the
// block goes. What is outside the block stays as it is.
func SetBlock(raw, project string, lines []string) string {
	old := split(raw)
	first, last, ok := find(old, project)
	if !ok {
		first, last = len(old), len(old)-1
	}
	var block []string
	if len(lines) > 0 {
		block = slices.Concat([]string{begin(project)}, lines, []string{end(project)})
	}
	return strings.Join(slices.Concat(old[:first], block, old[last+1:]), "\n")
}

// find returns the indices of the block's first and last line. A block whose end somebody removed is not one.
func find(lines []string, project string) (first, last int, ok bool) {
	first = slices.Index(lines, begin(project))
	if first < 0 {
		return 0, 0, false
	}
	n := slices.Index(lines[first:], end(project))
	return first, first + n, n > 0
}

// split returns the lines of raw; an empty text has none.
func split(raw string) []string {
	if raw == "" {
		return nil
	}
	return strings.Split(raw, "\n")
}
