package guest

import (
	"strings"
	"testing"
)

func TestATailKeepsTheEnd(t *testing.T) {
	t.Parallel()
	var b Tail
	for range 3 {
		if n, err := b.Write([]byte(strings.Repeat("x", tailSize-1))); n != tailSize-1 || err != nil {
			t.Fatal(n, err)
		}
	}
	if _, err := b.Write([]byte("end")); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); len(got) != tailSize || !strings.HasSuffix(got, "xend") {
		t.Errorf("it keeps %d bytes", len(got))
	}
}
