package runlog

import (
	"context"
	"errors"
	"fmt"
	"time"

	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// The pauses between two readings while following: short while something is being written, longer when it is quiet.
const (
	shortPause = 50 * time.Millisecond
	longPause  = 250 * time.Millisecond
)

// checkEvery is how often a quiet log's instance is looked at; two looks in a row have to find it stopped, for one may
// hit the moment of a restart.
const checkEvery = 700 * time.Millisecond

// outage is how long the server may be gone, for a restart of its own, before following gives up.
const outage = time.Minute

// follow shows what is there and what is added until the instance has stopped.
func (l *Log) follow(ctx context.Context, c *cursor, out *printer) error {
	f := follower{Log: l, cursor: c, checked: time.Now(), answered: time.Now()}
	pause := shortPause
	for {
		over := !l.Until.IsZero() && time.Now().After(l.Until)
		some, err := c.advance(ctx)
		out.flush()
		if ctx.Err() != nil {
			return nil
		}
		if err = f.tolerate(ctx, err); err != nil || over || out.past {
			return err
		}
		if some {
			pause, f.stopped, f.checked = shortPause, 0, time.Now()
		} else {
			pause = min(pause*5/4, longPause)
			if f.ended {
				return nil
			}
			if err := f.tolerate(ctx, f.check(ctx)); err != nil {
				return err
			}
		}
		if f.ended {
			continue // one more look for what was written last
		}
		if sdkincus.Pause(ctx, pause) != nil {
			return nil
		}
	}
}

// follower watches a log that is quiet.
type follower struct {
	*Log
	cursor   *cursor
	checked  time.Time // the last look at the instance
	answered time.Time // when the server last answered
	stopped  int       // how often in a row the instance was found stopped
	ended    bool
}

// check looks from time to time whether the instance still runs, and whether the log is still the same.
func (f *follower) check(ctx context.Context) error {
	if time.Since(f.checked) < checkEvery {
		return nil
	}
	f.checked = time.Now()
	if replaced, err := f.cursor.replaced(ctx); err != nil {
		return err
	} else if replaced {
		return f.cursor.reopen(ctx)
	}
	stopped, err := f.Stopped(ctx)
	if err != nil {
		return err
	}
	if !stopped {
		f.stopped = 0
		return nil
	}
	f.stopped++
	f.ended = f.stopped > 1
	return nil
}

// tolerate forgives errors while the server is away for a moment.
func (f *follower) tolerate(ctx context.Context, err error) error {
	switch {
	case err == nil:
		f.answered = time.Now()
		return nil
	case errors.Is(err, resource.ErrNotFound), errors.Is(err, resource.ErrInvalidFormat), time.Since(f.answered) > outage:
		return err
	}
	f.Sink.Notice(resource.LevelDebug, fmt.Sprintf("following the log: %v; trying again", err))
	_ = sdkincus.Pause(ctx, longPause) // whoever asked notices the end of ctx
	return nil
}
