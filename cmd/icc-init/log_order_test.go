//go:build incus

package main_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk/initspec"
)

func TestTheLogHasLinesOfBothStreamsInTheirOrder(t *testing.T) {
	t.Parallel()
	const runs = 200
	c := newBench(t).create(t, "busybox", initspec.Spec{
		Argv: sh(`i=0; while [ $i -lt ` + strconv.Itoa(runs) + ` ]; do echo $i line; echo $i oops >&2; usleep 1000; i=$((i+1)); done`),
	}, nil)
	c.start(t)
	c.untilEnd(t)
	lines := strings.Split(strings.TrimSuffix(c.output(t, ""), "\n"), "\n")
	seen := map[string]bool{}
	for _, line := range lines {
		number, what, _ := strings.Cut(line, " ")
		seen[number] = seen[number] || what == "line"
		if !seen[number] {
			t.Errorf("%q comes before its line of stdout", line)
		}
	}
	if len(lines) != 2*runs {
		t.Errorf("there are %d lines", len(lines))
	}
}
