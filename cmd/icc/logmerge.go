package main

import (
	"golang.org/x/sync/errgroup"

	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/sdk/resource"
)

// linesAhead is how many lines of one instance are kept until it is their turn. An instance that is further ahead than
// that waits, and with it the plugin's reading: memory stays bounded however long the logs are.
const linesAhead = 512

// mergeLogs prints the logs of instances in the order of time.
func (s *session) mergeLogs(ctx ctx, logs *logPrinter, list []instance, opts resource.Options) error {
	logs.prepare(list)
	g, gctx := errgroup.WithContext(ctx)
	streams := make([]<-chan logLine, len(list))
	for n, i := range list {
		lines := make(chan logLine, linesAhead)
		streams[n] = lines
		g.Go(func() error {
			defer close(lines)
			return s.sendLines(gctx, i, opts, lines)
		})
	}
	merge(streams, logs.print)
	return g.Wait()
}

// sendLines reads one instance's log. It has an engine of its own, because engines pass on one event at a time, and one
// instance that waits for its turn must not hold up the others.
func (s *session) sendLines(ctx ctx, i instance, opts resource.Options, to chan<- logLine) error {
	split := newSplitter(func(l logLine) {
		select {
		case to <- l:
		case <-ctx.Done():
		}
	})
	e := engine.New(engine.Config{Plugins: engine.Hosted(s.host), Events: func(e event.Event) {
		switch {
		case isLog(e):
			split.add(lineKey{e.Ref, e.Stream}, e.Data)
		case e.Type == event.Notice && concerns(s.cli, e):
			s.notice(e)
		}
	}})
	err := e.Run(ctx, i.State, resource.ActionLog, opts)
	split.flush(i.Ref)
	return err
}

func isLog(e event.Event) bool { return e.Type == event.Output && e.Action == resource.ActionLog }

// merge prints the lines of all streams in the order of time. Lines of one stream stay in their order: one without a
// time, or from a clock that was set back, counts as old as the one before it.
func merge(streams []<-chan logLine, print func(logLine)) {
	var heads []*head
	for _, stream := range streams {
		if h := (&head{stream: stream}); h.next() {
			heads = append(heads, h)
		}
	}
	for len(heads) > 0 {
		first := 0
		for n, h := range heads {
			if h.line.at.Before(heads[first].line.at) {
				first = n
			}
		}
		print(heads[first].line)
		if !heads[first].next() {
			heads = append(heads[:first], heads[first+1:]...)
		}
	}
}

// head is the first line of a stream that was not printed yet.
type head struct {
	stream <-chan logLine
	line   logLine
}

func (h *head) next() bool {
	last := h.line.at
	line, ok := <-h.stream
	if line.at.Before(last) {
		line.at = last
	}
	h.line = line
	return ok
}
