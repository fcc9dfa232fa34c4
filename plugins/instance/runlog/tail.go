package runlog

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"
)

const (
	// tailBlock is how much is read backwards at once.
	tailBlock = 64 << 10
	// lookBack is how far beyond the last lines the beginning of a line in parts is looked for.
	lookBack = 1 << 20
)

// tail finds where the last lines of a log begin, reading it backwards.
type tail struct {
	segments
	lines        int
	since, until time.Time
	follow       bool // what comes later may belong to a line that begins before the last ones

	found  []mark // newest first
	starts []int  // indices in found of the entries that begin a line
	// waiting has for each stream the oldest entry found, of which only an older one tells whether it begins a line.
	waiting [2]int
	beyond  int64 // bytes read since there were lines enough
}

// mark is an entry that was found.
type mark struct {
	at      position
	stream  int
	partial bool
	time    time.Time
}

// start returns where to begin, and which lines are in their middle there.
func (t *tail) start(ctx context.Context, all []segment) (position, [2]line, error) {
	t.waiting = [2]int{-1, -1}
	for i := len(all) - 1; i >= 0; i-- {
		done, err := t.segment(ctx, all[i])
		if errors.Is(err, fs.ErrNotExist) {
			break // removed meanwhile, and the older ones with it
		}
		if err != nil {
			return position{}, [2]line{}, err
		}
		if done {
			break
		}
	}
	for _, w := range t.waiting {
		if w >= 0 {
			t.begins(w)
		}
	}
	slices.Sort(t.starts)
	first := len(t.found) - 1
	from := position{segment: all[0].number}
	switch {
	case t.lines == 0:
		from, first = end(all), -1
	case len(t.starts) >= t.lines:
		first = t.starts[t.lines-1]
		from = t.found[first].at
	case first >= 0:
		from = t.found[first].at
	}
	return from, t.middle(first), nil
}

// middle tells which lines are open before the entry with an index; they began before the last lines.
func (t *tail) middle(first int) (lines [2]line) {
	known := [2]bool{}
	for _, m := range t.found[first+1:] {
		if !known[m.stream] {
			known[m.stream] = true
			lines[m.stream] = line{open: m.partial, drop: m.partial}
		}
	}
	return lines
}

// segment reads a segment backwards and reports whether that was enough.
func (t *tail) segment(ctx context.Context, s segment) (bool, error) {
	f, err := t.volume.OpenFile(ctx, t.name(s.number))
	if err != nil {
		return false, err
	}
	defer f.Close()
	var carry []byte // the end of a line whose beginning is not read yet
	for to := s.size; to > 0; {
		from := max(0, to-tailBlock)
		data, err := f.ReadAt(ctx, int(to-from), from)
		if err != nil {
			return false, err
		}
		data = append(data, carry...)
		keep := 0 // what belongs to a line that begins further ahead
		if from > 0 {
			if keep = bytes.IndexByte(data, '\n') + 1; keep == 0 {
				keep = len(data)
			}
		}
		if keep > maxLine {
			data, keep = nil, 0 // no line of icc-init's
		}
		t.scan(data[keep:], position{s.number, from + int64(keep)})
		carry = data[:keep]
		if t.enough(to - from) {
			return true, nil
		}
		to = from
	}
	return false, nil
}
