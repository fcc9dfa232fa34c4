package main

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/docker/go-units"

	"github.com/icc-project/icc/sdk/resource"
)

// amount is how many of how many bytes have gone their way.
func amount(text string, done, total int64) resource.Progress {
	if total <= 0 {
		return resource.Progress{Percent: -1, Text: fmt.Sprintf("%s: %s", text, units.HumanSizeWithPrecision(float64(done), 3))}
	}
	done = min(done, total)
	return resource.Progress{Percent: int(100 * done / total), Text: fmt.Sprintf("%s: %s of %s", text,
		units.HumanSizeWithPrecision(float64(done), 3), units.HumanSizeWithPrecision(float64(total), 3))}
}

// meter counts what is written through it.
type meter struct {
	w     io.Writer
	total atomic.Int64
}

// Write implements io.Writer.
func (m *meter) Write(p []byte) (int, error) {
	n, err := m.w.Write(p)
	m.total.Add(int64(n))
	return n, err
}

// follow reports progress until its context ends.
func follow(ctx context.Context, sink resource.Sink, text string, done func() int64, total int64) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			sink.Progress(amount(text, done(), total))
		}
	}
}

// weighed adds the image's size to what the server tells of a download, because it does not say how far it is.
type weighed struct {
	resource.Sink
	size int64
}

// Progress implements resource.Sink.
func (w weighed) Progress(p resource.Progress) {
	if p.Percent < 0 && w.size > 0 {
		p.Text += fmt.Sprintf(" (%s)", units.HumanSizeWithPrecision(float64(w.size), 3))
	}
	w.Sink.Progress(p)
}
