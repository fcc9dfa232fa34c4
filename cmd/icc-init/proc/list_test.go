package proc

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestANameMayLookLikeAnything(t *testing.T) {
	t.Parallel()
	const rest = " S 1 27 27 34817 27 4194304 1 2 3 4 150 25 0 0 20 0 1 0 98765 1 2 3 4"
	for _, name := range []string{"sh", "a b", "x) S 9 (y", "("} {
		got, err := parseStat("42 (" + name + ")" + rest)
		want := Info{PID: 42, PPID: 1, TTY: 34817, Name: name, State: 'S', Ticks: 175, Start: 98765}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %s %v", name, diff, err)
		}
	}
	for _, bad := range []string{"", "42", "42 (sh", "42 (sh)", "x (sh)" + rest} {
		if got, err := parseStat(bad); err == nil {
			t.Errorf("%q was read as %+v", bad, got)
		}
	}
}

func TestThisProcessIsInTheList(t *testing.T) {
	t.Parallel()
	list, err := List()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		if p.PID == os.Getpid() {
			if p.PPID != os.Getppid() || p.UID != os.Geteuid() || len(p.Command) == 0 || p.Command[0] != os.Args[0] {
				t.Errorf("got %+v", p)
			}
			return
		}
	}
	t.Error("it is not")
}
