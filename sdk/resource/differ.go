package resource

import (
	"fmt"
	"slices"
	"strings"
)

// Differing puts into a few words what differs, for Change.Reason: "a, b, c, d and 2 more differ". Repeated and empty
// names do not count; without any name it is icc's own records.
func Differing(names []string) string {
	const enough = 4
	var what []string
	for _, name := range names {
		if name != "" && !slices.Contains(what, name) {
			what = append(what, name)
		}
	}
	switch n := len(what); {
	case n == 0:
		return "icc's own records differ"
	case n == 1:
		return what[0] + " differs"
	case n > enough:
		return fmt.Sprintf("%s and %d more differ", strings.Join(what[:enough], ", "), n-enough)
	}
	return strings.Join(what, ", ") + " differ"
}
