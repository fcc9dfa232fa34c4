package connect

import (
	"testing"

	"pgregory.net/rapid"
)

func TestSuggestions(t *testing.T) {
	t.Parallel()
	known := []string{"default", "fast", "x"}
	for wanted, want := range map[string]string{
		"defualt": ` (did you mean "default"?)`, "Fast": ` (did you mean "fast"?)`, "fas": ` (did you mean "fast"?)`,
		"nothing-like-it": "", "y": "", "": "",
	} {
		if got := didYouMean(wanted, known); got != want {
			t.Errorf("%q: %q, want %q", wanted, got, want)
		}
	}
}

func TestEditDistanceIsAMetric(t *testing.T) {
	t.Parallel()
	word := rapid.StringOfN(rapid.RuneFrom([]rune("ab-")), 0, 8, -1)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := word.Draw(t, "a"), word.Draw(t, "b"), word.Draw(t, "c")
		ab := editDistance(a, b)
		if (ab == 0) != (a == b) || ab != editDistance(b, a) || ab > editDistance(a, c)+editDistance(c, b) || ab > max(len(a), len(b)) {
			t.Fatalf("distance of %q and %q is %d", a, b, ab)
		}
	})
}
