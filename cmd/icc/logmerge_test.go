package main

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/icc-project/icc/sdk/resource"
)

// aLine is a line of the n-th instance that was printed at a second; a negative one is unknown.
func aLine(n, second int, text string) logLine {
	l := logLine{lineKey: lineKey{ref: resource.Ref{Kind: resource.KindInstance, Name: fmt.Sprint(n)}}, text: []byte(text)}
	if second >= 0 {
		l.at = time.Unix(int64(second), 0)
	}
	return l
}

// merged runs merge on streams that hold fewer lines than there are.
func merged(streams [][]logLine) []logLine {
	var in []<-chan logLine
	for _, lines := range streams {
		c := make(chan logLine, 1)
		in = append(in, c)
		go func() {
			defer close(c)
			for _, l := range lines {
				c <- l
			}
		}()
	}
	var out []logLine
	merge(in, func(l logLine) { out = append(out, l) })
	return out
}

func TestLinesOfSeveralInstancesComeInTheOrderOfTime(t *testing.T) {
	t.Parallel()
	out := merged([][]logLine{
		{aLine(0, 1, "a1"), aLine(0, 5, "a5"), aLine(0, -1, "a?"), aLine(0, 2, "a2 of a clock set back"), aLine(0, 9, "a9")},
		{},
		{aLine(2, -1, "b?"), aLine(2, 3, "b3"), aLine(2, 6, "b6")},
	})
	var got []string
	for _, l := range out {
		got = append(got, string(l.text))
	}
	want := []string{"b?", "a1", "b3", "a5", "a?", "a2 of a clock set back", "b6", "a9"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMergingLosesNothingAndKeepsEachInstancesOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var streams [][]logLine
		sorted := true
		for n := range rapid.IntRange(0, 6).Draw(t, "instances") {
			var lines []logLine
			for i, second := range rapid.SliceOfN(rapid.IntRange(-1, 20), 0, 40).Draw(t, "seconds") {
				lines = append(lines, aLine(n, second, fmt.Sprint(i)))
			}
			sorted = sorted && slices.IsSortedFunc(lines, func(a, b logLine) int { return a.at.Compare(b.at) })
			streams = append(streams, lines)
		}
		out := merged(streams)
		for n, lines := range streams {
			of := slices.DeleteFunc(slices.Clone(out), func(l logLine) bool { return l.ref.Name != fmt.Sprint(n) })
			for i := range max(len(of), len(lines)) {
				if len(of) != len(lines) || string(of[i].text) != fmt.Sprint(i) {
					t.Fatalf("instance %d has %d lines of %d, or not in their order", n, len(of), len(lines))
				}
			}
		}
		if !slices.IsSortedFunc(out, func(a, b logLine) int { return a.at.Compare(b.at) }) {
			t.Fatalf("the lines are not in the order of time (sorted input: %v)", sorted)
		}
	})
}

func TestAHundredThousandLinesOfTwentyInstancesAreMerged(t *testing.T) {
	t.Parallel()
	const instances, each = 20, 5000
	streams := make([][]logLine, instances)
	for n := range streams {
		for i := range each {
			streams[n] = append(streams[n], aLine(n, i*instances+n, fmt.Sprint(i*instances+n)))
		}
	}
	for i, l := range merged(streams) {
		if string(l.text) != fmt.Sprint(i) {
			t.Fatalf("line %d is %s", i, l.text)
		}
	}
}
