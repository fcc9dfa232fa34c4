package runlog

import (
	"bytes"
	"slices"

	"github.com/icc-project/icc/sdk/initspec"
)

// scan adds the entries of a piece of a segment, which begins with a whole line.
func (t *tail) scan(data []byte, at position) {
	var marks []mark
	for {
		text, rest, ok := bytes.Cut(data, []byte{'\n'})
		if !ok {
			break
		}
		if e, err := initspec.ParseEntry(text); err == nil {
			marks = append(marks, mark{at: at, stream: streamIndex(e.Stream), partial: e.Partial, time: e.Time})
		}
		at.offset += int64(len(text)) + 1
		data = rest
	}
	for _, m := range slices.Backward(marks) {
		if w := t.waiting[m.stream]; w >= 0 && !m.partial {
			t.begins(w)
		}
		t.waiting[m.stream] = len(t.found)
		t.found = append(t.found, m)
	}
}

// begins notes that an entry begins a line, if it is one that counts.
func (t *tail) begins(index int) {
	at := t.found[index].time
	if at.Before(t.since) || !t.until.IsZero() && at.After(t.until) {
		return
	}
	t.starts = append(t.starts, index)
}

// enough reports whether reading further back would change nothing.
func (t *tail) enough(read int64) bool {
	if t.lines == 0 {
		return true
	}
	if len(t.starts) < t.lines {
		return t.allBefore()
	}
	t.beyond += read
	if t.beyond > lookBack {
		return true
	}
	slices.Sort(t.starts)
	first := t.starts[t.lines-1]
	for _, w := range t.waiting {
		if w >= 0 && w < first {
			return false // it may be one of the last lines
		}
		if w < 0 && t.follow {
			return false // nothing tells yet whether the stream is in the middle of a line
		}
	}
	return true
}

// allBefore reports whether whatever comes now is older than what is asked for.
func (t *tail) allBefore() bool {
	if len(t.found) == 0 || !t.found[len(t.found)-1].time.Before(t.since) {
		return false
	}
	for _, w := range t.waiting {
		if w >= 0 && !t.found[w].time.Before(t.since) {
			return false
		}
	}
	return true
}
