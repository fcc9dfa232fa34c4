package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// The times of locks. A holder that does not renew its lock for the time that others wait for it cannot be told from a
// dead one, so it gives up before.
const (
	lockBeat   = 5 * time.Second
	lockPoll   = 250 * time.Millisecond
	lockExpiry = 30 * time.Second
	lockGiveUp = 20 * time.Second
	// lockSettle is how long a run that may not wait tries again, because two that come together get into each other's way.
	lockSettle = 600 * time.Millisecond
	lockEnd    = 3 * time.Second
)

// LockOptions say for whom the lock is and how long to wait for it.
type LockOptions struct {
	// Holder is shown to those who wait.
	Holder kinds.LockHolder
	// Timeout bounds the wait: 0 means not to wait, a negative one to wait for ever.
	Timeout time.Duration
	// Dead reports whether a holder's process has certainly ended; nil means that nobody can tell.
	Dead func(process string) bool
}

// Lock is the right to change a project, which one run has at a time, whoever starts it and wherever.
type Lock struct {
	engine *Engine
	state  resource.State
	// lost ends when the lock does.
	lost   context.Context
	lose   context.CancelCauseFunc
	stop   chan struct{}
	beaten chan struct{}
}

// Lock takes the lock of the project. waited says that somebody else had it, so that what was seen of the server before
// is out of date.
func (e *Engine) Lock(ctx context.Context, project string, opts LockOptions) (l *Lock, waited bool, err error) {
	w := &lockWait{engine: e, state: lockOf(project), opts: opts, begin: time.Now()}
	request := kinds.LockRequest{Holder: opts.Holder}
	for {
		var answer kinds.LockAnswer
		if err := e.callLock(ctx, w.state, kinds.CallLock, request, &answer); err != nil {
			return nil, waited, err
		}
		if answer.Other == nil {
			return e.holdLock(w.state), waited, nil
		}
		waited = true
		request.Busy = true
		if request.Dead, err = w.next(ctx, *answer.Other); err != nil {
			return nil, waited, err
		}
	}
}

// lockOf names the project whose lock it is.
func lockOf(project string) resource.State {
	return resource.State{Ref: resource.Ref{Kind: resource.KindProject, Name: project}, IncusName: project, Exists: true}
}

func (e *Engine) callLock(ctx context.Context, s resource.State, verb string, request, answer any) error {
	raw, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("writing the request to %s: %w", verb, err)
	}
	if raw, err = e.Call(ctx, s, verb, raw); err != nil || answer == nil {
		return err
	}
	if err := json.Unmarshal(raw, answer); err != nil {
		return resource.ErrPlugin.WithText(fmt.Sprintf("reading the answer to %s", verb)).Wrap(err)
	}
	return nil
}

// lockWait is a wait for somebody else's lock.
type lockWait struct {
	engine *Engine
	state  resource.State
	opts   LockOptions
	begin  time.Time
	// seen is the holder as it was seen first at the time at; said is the run that the user knows of.
	seen kinds.LockHolder
	at   time.Time
	said string
}

// next waits until it is worth to try again. A holder that has not moved for long is returned as dead.
func (w *lockWait) next(ctx context.Context, other kinds.LockHolder) (dead *kinds.LockHolder, err error) {
	if other.Run != "" && (other.Run != w.seen.Run || other.Beat != w.seen.Beat) {
		w.seen, w.at = other, time.Now()
	}
	if other.Run != "" && (w.opts.Dead != nil && w.opts.Dead(other.Process) || time.Since(w.at) >= lockExpiry) {
		w.notice("took over from %s, which was killed", describeHolder(other))
		w.seen = kinds.LockHolder{}
		return &other, nil
	}
	patience := w.opts.Timeout
	if patience >= 0 && patience < lockSettle {
		patience = lockSettle
	}
	if patience >= 0 && time.Since(w.begin) >= patience || w.opts.Timeout == 0 && other.Beat > 0 {
		return nil, resource.ErrConflict.WithText(describeHolder(w.seen) + " is changing the project").
			WithHint("try again when it is done, or wait for it: without --lock-timeout icc does")
	}
	if other.Run != "" && other.Run != w.said && w.opts.Timeout != 0 && time.Since(w.begin) >= lockPoll {
		w.said = other.Run
		w.notice("%s is changing the project; waiting for it to finish", describeHolder(other))
	}
	pause := lockPoll/2 + rand.N(lockPoll) // two that come together must not stay together
	select {
	case <-time.After(pause):
		return nil, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (w *lockWait) notice(format string, args ...any) {
	event.Sink{Handler: w.engine.emit}.Notice(resource.LevelInfo, fmt.Sprintf(format, args...))
}

// describeHolder says who it is: "icc up of ann@desk (since 12:03:04)".
func describeHolder(h kinds.LockHolder) string {
	text := "another icc"
	if h.Command != "" {
		text = "icc " + h.Command
	}
	if h.Who != "" {
		text += " of " + h.Who
	}
	if !h.Since.IsZero() {
		text += " (since " + h.Since.Local().Format(time.TimeOnly) + ")"
	}
	return text
}

// holdLock renews the lock until it is released.
func (e *Engine) holdLock(s resource.State) *Lock {
	l := &Lock{engine: e, state: s, stop: make(chan struct{}), beaten: make(chan struct{})}
	l.lost, l.lose = context.WithCancelCause(context.Background())
	go l.keep()
	return l
}

func (l *Lock) keep() {
	defer close(l.beaten)
	tick := time.NewTicker(lockBeat)
	defer tick.Stop()
	last, missing := time.Now(), 0
	for beat := 1; ; beat++ {
		select {
		case <-l.stop:
			return
		case <-tick.C:
		}
		ctx, cancel := context.WithTimeout(context.Background(), lockBeat)
		err := l.engine.callLock(ctx, l.state, kinds.CallRenew, kinds.LockRenewal{Beat: beat}, nil)
		cancel()
		switch {
		case err == nil:
			last, missing = time.Now(), 0
		case errors.Is(err, resource.ErrNotFound):
			missing++
		}
		// Once may be the end of the project itself, which takes the lock along.
		if missing > 1 || time.Since(last) > lockGiveUp {
			l.lose(resource.ErrConflict.WithText("the lock of the project is lost: another icc may be changing it").Wrap(err).
				WithHint("run the command again"))
			return
		}
	}
}

// Context returns a context that ends with ctx, and when the lock is lost.
func (l *Lock) Context(ctx context.Context) (context.Context, context.CancelFunc) {
	held, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(l.lost, func() { cancel(context.Cause(l.lost)) })
	return held, func() {
		stop()
		cancel(nil)
	}
}

// Lost returns why the lock was lost; nil while it is held.
func (l *Lock) Lost() error { return context.Cause(l.lost) }

// Release gives the lock back. It does so after an interrupt, too.
func (l *Lock) Release() {
	close(l.stop)
	<-l.beaten
	ctx, cancel := context.WithTimeout(context.Background(), lockEnd)
	defer cancel()
	// One that could not be given back expires, or is known to be dead.
	_ = l.engine.callLock(ctx, l.state, kinds.CallUnlock, struct{}{}, nil)
	l.lose(nil)
}
