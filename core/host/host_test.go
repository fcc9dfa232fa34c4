package host

import "testing"

func TestSmoke(t *testing.T) {
	t.Parallel()
	b := newBench(t, "good")
	p := provider(t, b.Host, "good")
	res, err := run(t.Context(), p, "pid", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Log(string(res.Outputs))
}
