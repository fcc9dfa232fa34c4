package lock

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// Options say for whom the lock is and how long to wait for it.
type Options struct {
	// Holder is shown to those who wait.
	Holder kinds.LockHolder
	// Timeout bounds the wait: 0 means not to wait, a negative one to wait for ever.
	Timeout time.Duration
	// Dead reports whether a holder's process has certainly ended; nil means that nobody can tell.
	Dead func(process string) bool
}

// Desk is where locks are had.
type Desk struct {
	// Call calls a verb of the project's plugin.
	Call func(ctx context.Context, s resource.State, verb string, request json.RawMessage) (json.RawMessage, error)
	// Notice tells the user what is waited for.
	Notice func(text string)
}

// Take takes the lock of the project. waited says that somebody else had it, so that what was seen of the server before
// is out of date. The error is resource.ErrConflict when somebody else has it for too long.
func (d Desk) Take(ctx context.Context, project string, opts Options) (l *Lock, waited bool, err error) {
	place := place{d, resource.State{Ref: resource.Ref{Kind: resource.KindProject, Name: project}, IncusName: project, Exists: true}}
	w := &wait{notice: d.Notice, opts: opts, begin: time.Now()}
	request := kinds.LockRequest{Holder: opts.Holder}
	for {
		var answer kinds.LockAnswer
		if err := place.call(ctx, kinds.CallLock, request, &answer); err != nil {
			return nil, waited, err
		}
		if answer.Other == nil {
			return hold(place), waited, nil
		}
		waited = true
		request.Busy = true
		if request.Dead, err = w.next(ctx, *answer.Other); err != nil {
			return nil, waited, err
		}
	}
}

// place is where the lock of one project lies.
type place struct {
	desk    Desk
	project resource.State
}

func (p place) call(ctx context.Context, verb string, request, answer any) error {
	raw, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("writing the request to %s: %w", verb, err)
	}
	if raw, err = p.desk.Call(ctx, p.project, verb, raw); err != nil || answer == nil {
		return err
	}
	if err := json.Unmarshal(raw, answer); err != nil {
		return resource.ErrPlugin.WithText(fmt.Sprintf("reading the answer to %s", verb)).Wrap(err)
	}
	return nil
}
