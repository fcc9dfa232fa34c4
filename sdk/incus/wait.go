package incus

import (
	"context"
	"errors"

	incus "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"
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

// IsNotFound reports whether the server said that an object does not exist.
func IsNotFound(err error) bool { return api.StatusErrorCheck(err, 404) }

// IsForbidden reports whether the server refused access.
func IsForbidden(err error) bool { return api.StatusErrorCheck(err, 403) }

// IsPreconditionFailed reports whether an object was changed between reading and writing (ETag mismatch).
func IsPreconditionFailed(err error) bool { return api.StatusErrorCheck(err, 412) }

// IsExists reports whether the object to create exists already.
func IsExists(err error) bool {
	var status api.StatusError
	return errors.As(err, &status) && status.Status() == 409
}
