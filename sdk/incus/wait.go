package incus

import (
	"context"
	"time"

	incus "github.com/lxc/incus/v6/client"
)

// settle is how long an operation that cannot be cancelled may take to end. It is shorter than what the host leaves a
// plugin after the user's interrupt.
const settle = 2 * time.Second

// Wait waits until the operation ends and returns its error, mapped by MapError. When ctx ends first, the operation
// is cancelled on the server; one that cannot be cancelled may still end, for a moment, so that whoever comes next does
// not meet a half-made object. ctx's error is returned in any case.
func Wait(ctx context.Context, op incus.Operation) error {
	done := make(chan error, 1)
	go func() { done <- op.Wait() }()
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
