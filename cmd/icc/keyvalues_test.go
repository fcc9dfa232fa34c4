package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestKeyValues(t *testing.T) {
	t.Setenv("ICC_TEST_MODE", "fast")
	got := keyValues([]string{"A=1", "B=x=y", "C=", "ICC_TEST_MODE", "ICC_TEST_NOWHERE", "A=2"})
	want := map[string]string{"A": "2", "B": "x=y", "C": "", "ICC_TEST_MODE": "fast"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestExecTellsItsTerminalUnlessToldOtherwise(t *testing.T) {
	t.Setenv("TERM", "xterm")
	for _, test := range []struct {
		name  string
		pairs []string
		tty   bool
		want  map[string]string
	}{
		{"on a terminal", nil, true, map[string]string{"TERM": "xterm"}},
		{"without one", nil, false, map[string]string{}},
		{"with another one", []string{"TERM=dumb"}, true, map[string]string{"TERM": "dumb"}},
		{"with none on purpose", []string{"TERM="}, true, map[string]string{"TERM": ""}},
	} {
		if diff := cmp.Diff(test.want, execEnvironment(test.pairs, test.tty)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}
