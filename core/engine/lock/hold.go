package lock

import (
	"context"
	"errors"
	"time"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

const (
	// beat is how often the lock is renewed, and how long a renewal may take.
	beat = 5 * time.Second
	// giveUp is how long the server may not answer. Until it does, nobody can tell whether it stands still for everybody,
	// as Incus does for half a minute at times, or whether others have taken the run for dead by now: in the first case the
	// lock is there when the answer comes, in the other one it is not.
	giveUp = 2 * time.Minute
	// end is how long giving the lock back may take.
	end = 3 * time.Second
)

// Lock is the right to change a project.
type Lock struct {
	place place
	// lost ends when the lock does.
	lost context.Context
	lose context.CancelCauseFunc
	// stop ends the renewals, and beaten is closed when they have ended.
	stop   context.CancelFunc
	beaten chan struct{}
}

// hold renews the lock until it is released.
func hold(p place) *Lock {
	l := &Lock{place: p, beaten: make(chan struct{})}
	l.lost, l.lose = context.WithCancelCause(context.Background())
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	go l.keep(ctx)
	return l
}

// keep renews the lock until ctx ends.
func (l *Lock) keep(ctx context.Context) {
	defer close(l.beaten)
	tick := time.NewTicker(beat)
	defer tick.Stop()
	last, missing := time.Now(), 0
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := l.renew(ctx, n)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			last, missing = time.Now(), 0
		case errors.Is(err, resource.ErrNotFound):
			missing++
		}
		// Once may be the end of the project itself, which takes the lock along, unless there was time to take it over.
		if missing > 1 || missing == 1 && asleep(last) >= expiry || time.Since(last) > giveUp {
			l.lose(resource.ErrConflict.WithText("the lock of the project is lost: another icc may be changing it").Wrap(err).
				WithHint("run the command again"))
			return
		}
	}
}

func (l *Lock) renew(ctx context.Context, n int) error {
	ctx, cancel := context.WithTimeout(ctx, beat)
	defer cancel()
	return l.place.call(ctx, kinds.CallRenew, kinds.LockRenewal{Beat: n}, nil)
}

// asleep returns the time since then by the clock on the wall, which goes on while the machine sleeps.
func asleep(then time.Time) time.Duration { return time.Now().Round(0).Sub(then.Round(0)) }

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
	l.stop()
	<-l.beaten
	ctx, cancel := context.WithTimeout(context.Background(), end)
	defer cancel()
	// One that could not be given back expires, or is known to be dead.
	_ = l.place.call(ctx, kinds.CallUnlock, struct{}{}, nil)
	l.lose(nil)
}
