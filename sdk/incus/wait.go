package incus

import (
	"context"
	"errors"
	"time"

	incus "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"
)

// settle is how long an operation that cannot be cancelled may take to end. It is shorter than what the host leaves a
// plugin after the user's interrupt.
const settle = 2 * time.Second

// Wait waits until the operation ends and returns its error, mapped by MapError. When ctx ends first, the operation
// is cancelled on the server; one that cannot be cancelled may still end, for a moment, so that whoever comes next does
// not meet a half-made object. ctx's error is returned in any case. Uploads, and operations of DialEvents, are for End.
func Wait(ctx context.Context, op incus.Operation) error { return await(ctx, op, op.Wait) }

// End is Wait that returns the operation as it ended, nil when that is not known. It asks the server for the end: the
// client waits for the last event of an upload, which may come before the server has registered the listener.
func End(ctx context.Context, server incus.InstanceServer, op incus.Operation) (*api.Operation, error) {
	id := op.Get().ID
	ended := make(chan *api.Operation, 1)
	err := await(ctx, op, func() error {
		state, _, err := server.GetOperationWait(id, -1)
		if err != nil {
			return err
		}
		ended <- state
		if state.Err != "" {
			return errors.New(state.Err)
		}
		return nil
	})
	select {
	case state := <-ended:
		return state, err
	default:
		return nil, err
	}
}

func await(ctx context.Context, op incus.Operation, wait func() error) error {
	done := make(chan error, 1)
	go func() { done <- wait() }()
	select {
	case err := <-done:
		return MapError(err)
	case <-ctx.Done():
		if op.Cancel() != nil {
			select {
			case <-done:
			case <-time.After(settle):
			}
		}
		return context.Cause(ctx)
	}
}
