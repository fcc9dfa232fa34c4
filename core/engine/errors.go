package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/icc-project/icc/sdk/resource"
)

// join returns nil, the only error, or all of them as one.
func join(errs []error) error {
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}

// explain adds who was waiting for what to the error of a wait. The hint and the codes stay what they are.
func (s Step) explain(err error) error {
	who := s.waiters()
	if err == nil || who == "" || errors.Is(err, context.Canceled) {
		return err
	}
	if s.Lenient {
		who += ", but can do without"
	}
	return &waitError{err: err, who: who}
}

// waitError is the error of a wait with those who wait.
type waitError struct {
	err error
	who string
}

// Error puts who waits into the first line, before what announces the lines that follow it.
func (e *waitError) Error() string {
	first, rest, more := strings.Cut(e.err.Error(), "\n")
	if !more {
		return first + "; " + e.who
	}
	lead := ""
	if i := strings.LastIndex(first, "; "); i > 0 && strings.HasSuffix(first, ":") {
		first, lead = first[:i], first[i:]
	}
	return first + "; " + e.who + lead + "\n" + rest
}

// Unwrap returns the error of the wait itself.
func (e *waitError) Unwrap() error { return e.err }

// locate adds the place of the declaration that could not be brought about. The hint and the codes stay what they are.
func (s Step) locate(err error, at resource.Position) error {
	bringsUp := s.Action == resource.ActionEnsure || s.Action == resource.ActionStart || blocks(s.Action)
	if !bringsUp || at == (resource.Position{}) || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%s: %w", at, err)
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

// seen returns the error with the name that users see everywhere else: the one on the server, but an image's reference.
// That it was to be ensured or waited for says nothing to them.
func seen(err error, ref resource.Ref, incusName string) error {
	top, ok := err.(*resource.Error)
	if !ok || top.Kind != ref.Kind || top.Name != ref.Name {
		return err
	}
	e := *top
	if ref.Kind != resource.KindImage && incusName != "" {
		e.Name = incusName
	}
	if e.Action == resource.ActionEnsure || blocks(e.Action) {
		e.Action = ""
	}
	return &e
}
