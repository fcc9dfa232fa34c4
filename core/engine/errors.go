package engine

import (
	"context"
	"errors"

	"github.com/icc-project/icc/sdk/resource"
)

// join returns nil, the only error, or all of them as one.
func join(errs []error) error {
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}

// describe names the resource and action in an error that does not say them itself. Cancellation stays as it is.
func describe(err error, ref resource.Ref, action resource.Action) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	var e *resource.Error
	if !errors.As(err, &e) {
		return resource.ErrUnknown.WithText("").WithResource(ref).WithAction(action).Wrap(err)
	}
	if e.Name != "" {
		return err
	}
	if top, ok := err.(*resource.Error); ok {
		return top.WithResource(ref).WithAction(action)
	}
	return e.WithText("").WithResource(ref).WithAction(action).Wrap(err)
}
