package resource_test

import (
	"testing"

	"github.com/icc-project/icc/sdk/resource"
)

func TestWhatDiffersIsSaidInAFewWords(t *testing.T) {
	t.Parallel()
	for want, names := range map[string][]string{
		"icc's own records differ":     {"", ""},
		"dns differs":                  {"dns", "", "dns"},
		"dns, labels differ":           {"dns", "labels", "dns"},
		"a, b, c, d differ":            {"a", "b", "c", "d"},
		"a, b, c, d and 2 more differ": {"a", "b", "c", "d", "e", "f", "a"},
	} {
		if got := resource.Differing(names); got != want {
			t.Errorf("%q: %q, want %q", names, got, want)
		}
	}
}
