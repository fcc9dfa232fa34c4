package runlog

import (
	"time"

	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// flushSize is how much is collected before the sink gets it.
const flushSize = 64 << 10

// stampLayout is how Docker writes the time before a line.
const stampLayout = "2006-01-02T15:04:05.000000000Z "

// printer makes lines of entries again. A line belongs to the time at which it began, and is shown or left out as a
// whole. Parts are passed on as they come, so a line may have any length.
type printer struct {
	sink         resource.Sink
	since, until time.Time // zero means unbounded
	timestamps   bool

	lines   [2]line
	stream  resource.Stream // of what is collected
	pending []byte
	past    bool // an entry after until was seen
}

// line is the line that a stream is in the middle of.
type line struct {
	open bool // it has not ended
	drop bool // it is not shown
}

// streamIndex numbers the streams.
func streamIndex(stream string) int {
	if stream == initspec.Stderr {
		return 1
	}
	return 0
}

// take adds an entry.
func (p *printer) take(e initspec.Entry) {
	l := &p.lines[streamIndex(e.Stream)]
	begins := !l.open
	if begins {
		late := !p.until.IsZero() && e.Time.After(p.until)
		p.past = p.past || late
		l.drop = late || e.Time.Before(p.since)
	}
	l.open = e.Partial
	if l.drop {
		return
	}
	stream := resource.Stdout
	if e.Stream == initspec.Stderr {
		stream = resource.Stderr
	}
	if p.stream != stream || len(p.pending) >= flushSize {
		p.flush()
	}
	p.stream = stream
	if begins && p.timestamps {
		p.pending = e.Time.UTC().AppendFormat(p.pending, stampLayout)
	}
	p.pending = append(p.pending, e.Text...)
	if !e.Partial {
		p.pending = append(p.pending, '\n')
	}
}

// flush passes on what was collected.
func (p *printer) flush() {
	if len(p.pending) > 0 {
		p.sink.Output(p.stream, p.pending)
		p.pending = p.pending[:0]
	}
}

// lost says that lines are missing. The streams' lines are in an unknown state now and begin anew.
func (p *printer) lost() {
	p.flush()
	p.lines = [2]line{}
	p.sink.Notice(resource.LevelWarning, "[… lines were dropped by rotation]")
}
