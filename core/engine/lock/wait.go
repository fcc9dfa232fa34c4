package lock

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

const (
	// poll is how often those who wait look, on average.
	poll = 250 * time.Millisecond
	// expiry is how long a lock has to stand still before its holder is taken for dead.
	expiry = 30 * time.Second
	// look is the most that the time from one look to the next counts for that: a longer one says that the server stood
	// still itself, and so did the holder's renewals.
	look = time.Second
	// settle is how long a run that may not wait tries again, because two that come together get into each other's way.
	settle = 600 * time.Millisecond
)

// wait is a wait for somebody else's lock.
type wait struct {
	notice func(text string)
	opts   Options
	begin  time.Time
	// seen is the holder as it was seen first; still is how long its lock has stood still since, at the last look.
	seen   kinds.LockHolder
	still  time.Duration
	looked time.Time
	// said is the run that the user knows of.
	said string
}

// next waits until it is worth to try again. A holder that has not moved for long is returned as dead.
func (w *wait) next(ctx context.Context, other kinds.LockHolder) (dead *kinds.LockHolder, err error) {
	w.see(other)
	if other.Run != "" && (w.opts.Dead != nil && w.opts.Dead(other.Process) || w.still >= expiry) {
		w.tell("took over from %s, which was killed", describe(other))
		w.seen = kinds.LockHolder{}
		return &other, nil
	}
	patience := w.opts.Timeout
	if patience >= 0 && patience < settle {
		patience = settle
	}
	if patience >= 0 && time.Since(w.begin) >= patience || w.opts.Timeout == 0 && other.Beat > 0 {
		return nil, resource.ErrConflict.WithText(describe(w.seen) + " is changing the project").
			WithHint("try again when it is done, or wait for it: without --lock-timeout icc does")
	}
	if other.Run != "" && other.Run != w.said && w.opts.Timeout != 0 && time.Since(w.begin) >= poll {
		w.said = other.Run
		w.tell("%s is changing the project; waiting for it to finish", describe(other))
	}
	pause := poll/2 + rand.N(poll) // two that come together must not stay together
	select {
	case <-time.After(pause):
		return nil, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// see notes for how long the holder's lock has stood still.
func (w *wait) see(other kinds.LockHolder) {
	if other.Run != "" && (other.Run != w.seen.Run || other.Beat != w.seen.Beat) {
		w.seen, w.still = other, 0
	} else {
		w.still += min(time.Since(w.looked), look)
	}
	w.looked = time.Now()
}

func (w *wait) tell(format string, args ...any) { w.notice(fmt.Sprintf(format, args...)) }

// describe says who it is: "icc up of ann@desk (since 12:03:04)".
func describe(h kinds.LockHolder) string {
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
