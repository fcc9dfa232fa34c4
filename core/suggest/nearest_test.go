package suggest

import "testing"

func TestSuggestionsAreNear(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, want string }{
		{"imgae", "image"}, {"prots", "ports"}, {"volume", "volumes"}, {"x", ""}, {"completely", ""}, {"ports", ""},
	} {
		if got := Nearest(c.name, []string{"image", "ports", "volumes"}); got != c.want {
			t.Errorf("Nearest(%q) = %q, want %q", c.name, got, c.want)
		}
	}
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "abc", 3}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"kitten", "sitting", 3}} {
		if got := editDistance(c.a, c.b); got != c.want {
			t.Errorf("editDistance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
