package resource

import (
	"context"
	"errors"
)

// About returns err with the resource and action that it is about, unless it names a resource already. Sentinel, text
// and hint stay what they are; nil stays nil. What a cancelled context has broken is ErrAborted whatever it was, and what
// was late is ErrTimeout when nothing else is known of it.
func About(err error, ref Ref, a Action) error {
	e := AsError(err)
	switch {
	case e == nil:
		return nil
	case errors.Is(err, context.Canceled) && !errors.Is(err, ErrAborted):
		return ErrAborted.WithResource(ref).WithAction(a).Wrap(err)
	case e.Code == ErrUnknown.Code && errors.Is(err, context.DeadlineExceeded):
		return ErrTimeout.WithResource(ref).WithAction(a).Wrap(err)
	case e.Name != "":
		return err
	case err == error(e):
		return e.WithResource(ref).WithAction(a)
	}
	// The sentinel is deep inside of a longer story: it is put around the story.
	return (&Error{Code: e.Code, Hint: Hint(err)}).WithResource(ref).WithAction(a).Wrap(err)
}
