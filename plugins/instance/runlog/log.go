package runlog

import (
	"context"
	"time"

	"github.com/icc-project/icc/plugins/instance/runtime"
	"github.com/icc-project/icc/sdk/resource"
)

// Log is the log of one instance and how to show it.
type Log struct {
	Volume *runtime.Volume
	// Dir is the log's directory in the volume.
	Dir string
	// Tail is the number of lines to begin with; negative means all.
	Tail int
	// Since and Until bound what is shown; zero means unbounded.
	Since, Until time.Time
	// Timestamps puts the time before each line.
	Timestamps bool
	// Follow goes on until the context ends, or nothing more can come.
	Follow bool
	// Stopped says whether the instance does not run at this moment; it is needed for Follow.
	Stopped func(ctx context.Context) (bool, error)
	Sink    resource.Sink
}

// Write passes the log on to the sink.
func (l *Log) Write(ctx context.Context) error {
	segments := segments{l.Volume, l.Dir}
	all, err := segments.list(ctx)
	if err != nil {
		return err
	}
	out := &printer{sink: l.Sink, since: l.Since, until: l.Until, timestamps: l.Timestamps}
	c := &cursor{segments: segments, take: out.take, lost: out.lost}
	defer c.close()
	if err := l.seek(ctx, c, out, all); err != nil {
		return err
	}
	if l.Follow {
		return l.follow(ctx, c, out)
	}
	if c.limit = end(all); len(all) > 0 {
		_, err = c.advance(ctx)
	}
	out.flush()
	return err
}

// seek finds where to begin.
func (l *Log) seek(ctx context.Context, c *cursor, out *printer, all []segment) error {
	if len(all) == 0 {
		return nil
	}
	c.at = position{segment: all[0].number}
	var err error
	switch {
	case l.Tail >= 0:
		t := tail{segments: c.segments, lines: l.Tail, since: l.Since, until: l.Until, follow: l.Follow}
		c.at, out.lines, err = t.start(ctx, all)
	case !l.Since.IsZero():
		c.at.segment, err = c.holding(ctx, all, l.Since)
	}
	return err
}
