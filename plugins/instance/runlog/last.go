package runlog

import (
	"bytes"
	"context"
	"time"

	"github.com/icc-project/icc/plugins/instance/runtime"
	"github.com/icc-project/icc/sdk/resource"
)

// Last returns the last lines of a log since a time for an error's text. Why a process failed is said on stderr, and a
// few lines on stdout at the same time must not hide it: half of the lines are kept for stderr's.
func Last(ctx context.Context, volume *runtime.Volume, dir string, since time.Time, lines int) ([]byte, error) {
	const further = 10 // how many times as far back stderr's lines are looked for
	var out collector
	err := (&Log{Volume: volume, Dir: dir, Tail: further * lines, Since: since, Sink: &out}).Write(ctx)
	var chosen []byte
	for _, l := range choose(out.lines, lines) {
		chosen = append(chosen, l.text...)
	}
	return chosen, err
}

// output is a line and where it was written.
type output struct {
	stream resource.Stream
	text   []byte
}

// choose returns the last n of all lines, but with the last n/2 of stderr's among them.
func choose(all []output, n int) []output {
	keep := make([]bool, len(all))
	left := n
	for i, wanted := len(all)-1, n/2; i >= 0 && wanted > 0; i-- {
		if all[i].stream == resource.Stderr {
			keep[i] = true
			left--
			wanted--
		}
	}
	for i := len(all) - 1; i >= 0 && left > 0; i-- {
		if !keep[i] {
			keep[i] = true
			left--
		}
	}
	var out []output
	for i, l := range all {
		if keep[i] {
			out = append(out, l)
		}
	}
	return out
}

// collector is a sink that keeps the lines of the output.
type collector struct {
	resource.Discard
	lines []output
}

// Output implements resource.Sink.
func (c *collector) Output(stream resource.Stream, data []byte) {
	for line := range bytes.Lines(bytes.Clone(data)) {
		c.lines = append(c.lines, output{stream, line})
	}
}
