package incus

import (
	"context"

	incus "github.com/lxc/incus/v6/client"
)

// Wait waits until the operation ends and returns its error, mapped by MapError. When ctx ends first, the operation
// is cancelled on the server as far as it allows that, and ctx's error is returned.
func Wait(ctx context.Context, op incus.Operation) error {
	done := make(chan error, 1)
	go func() { done <- op.Wait() }()
	select {
	case err := <-done:
		return MapError(err)
	case <-ctx.Done():
		_ = op.Cancel() // not every operation can be cancelled; the caller gave up either way
		return context.Cause(ctx)
	}
}
