package stack

import (
	"context"
	"errors"

	"github.com/icc-project/icc/sdk/resource"
)

// Run runs the stack and returns when nothing runs any more. The error joins those of all nodes in the order of the stack;
// the result says which nodes they belong to and what was not started. A stack that cannot be run at all
// (see Check) gives an error and no result. When ctx ends, so do the contexts of all running nodes, and no new ones
// start.
func (s *Stack) Run(ctx context.Context, opts Options) (*Result, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	tasks := s.tasks()
	r := newRun(ctx, opts, s.descending)
	defer r.endWaits(nil)
	for _, t := range tasks {
		if t.missing == 0 {
			r.ready(t)
		}
	}
	for r.startNext(); r.running > 0; r.startNext() {
		select {
		case t := <-r.reports:
			r.finish(t)
		case <-r.stopped():
			r.stopping = true
		}
	}
	result := collect(tasks)
	if opts.Hooks.Done != nil {
		opts.Hooks.Done(result)
	}
	return result, result.err(ctx)
}

// run is the state of one Run. Only the goroutine that called Run touches it; nodes report through the channel.
type run struct {
	ctx context.Context
	// waits is the context of nodes that only wait.
	waits    context.Context
	endWaits context.CancelCauseFunc
	opts     Options
	// workers want a worker, waiting do not.
	workers  queue
	waiting  []*task
	reports  chan *task
	running  int // tasks that have not reported yet
	busy     int // workers
	stopping bool
}

func newRun(ctx context.Context, opts Options, descending bool) *run {
	if opts.Workers <= 0 {
		opts.Workers = DefaultWorkers
	}
	r := &run{ctx: ctx, opts: opts, reports: make(chan *task), workers: queue{descending: descending}}
	r.waits, r.endWaits = context.WithCancelCause(ctx)
	return r
}

// stopped returns a channel that is closed when ctx ends, or nil when the run is stopping anyway.
func (r *run) stopped() <-chan struct{} {
	if r.stopping {
		return nil
	}
	return r.ctx.Done()
}

func (r *run) ready(t *task) {
	if t.Waits {
		r.waiting = append(r.waiting, t)
		return
	}
	r.workers.push(t)
}

// startNext starts what is ready as far as there are workers.
func (r *run) startNext() {
	if r.stopping || r.ctx.Err() != nil {
		return
	}
	for _, t := range r.waiting {
		r.start(r.waits, t)
	}
	r.waiting = r.waiting[:0]
	for r.busy < r.opts.Workers && r.workers.Len() > 0 {
		r.busy++
		r.start(r.ctx, r.workers.pop())
	}
}

func (r *run) start(ctx context.Context, t *task) {
	r.running++
	go t.perform(ctx, r.opts.Hooks, func(err error) {
		t.err = err
		r.reports <- t
	})
}

// finish takes note of a task that has ended, and of what that makes possible.
func (r *run) finish(t *task) {
	r.running--
	if !t.Waits {
		r.busy--
	}
	switch {
	case t.err == nil:
		t.done = true
		for _, d := range t.dependents {
			if d.missing--; d.missing == 0 {
				r.ready(d)
			}
		}
	case t.Waits && r.gaveUpWaiting(t.err):
		t.err = nil
	case !r.opts.KeepGoing:
		r.stopping = true
		r.endWaits(resource.ErrAborted.WithText("the run stopped after an error"))
	}
}

// gaveUpWaiting says whether err only says that nobody waits any more, although ctx has not ended.
func (r *run) gaveUpWaiting(err error) bool {
	if r.waits.Err() == nil || r.ctx.Err() != nil {
		return false
	}
	return errors.Is(err, context.Canceled) || errors.Is(err, context.Cause(r.waits))
}

// collect sorts the tasks of a finished run into its result.
func collect(tasks []*task) *Result {
	result := &Result{}
	for _, t := range tasks {
		switch {
		case t.err != nil:
			result.Failed = append(result.Failed, Failure{ID: t.ID, Err: t.err})
		case t.done:
			result.Done = append(result.Done, t.ID)
		default:
			result.Skipped = append(result.Skipped, t.ID)
		}
	}
	return result
}
