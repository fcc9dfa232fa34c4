package resource

import (
	"errors"
	"fmt"
	"strings"
)

// Error is a failure with a stable code, so that errors.Is works on both sides of a process boundary.
// The With methods return copies; a sentinel itself is never changed.
type Error struct {
	// Code identifies the sentinel, for example "not-found". It never changes between versions.
	Code string
	// Text says what went wrong; a sentinel's own text, or a more exact one.
	Text   string
	Kind   Kind
	Name   string
	Action Action
	// Hint says what the user can do next.
	Hint string
	// Cause is the wrapped error.
	Cause error
}

// Error returns "action kind name: text: cause" with whatever of it is known, and without the name before a text that has
// it. The hint is not part of it.
func (e *Error) Error() string {
	var parts []string
	subject := strings.TrimSpace(fmt.Sprintf("%s %s", e.Kind, e.Name))
	if Mentions(e.Text, e.Name) {
		subject = ""
	}
	if e.Action != "" && subject != "" {
		subject = string(e.Action) + " " + subject
	}
	for _, p := range []string{subject, e.Text} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	if e.Cause != nil {
		parts = append(parts, e.Cause.Error())
	}
	return strings.Join(parts, ": ")
}

// Is reports whether target is an Error of the same code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Unwrap returns the wrapped error.
func (e *Error) Unwrap() error { return e.Cause }

// WithText returns a copy that says text instead of the sentinel's own words.
func (e *Error) WithText(text string) *Error { c := *e; c.Text = text; return &c }

// WithHint returns a copy that tells the user what to do next.
func (e *Error) WithHint(hint string) *Error { c := *e; c.Hint = hint; return &c }

// WithAction returns a copy that names the action.
func (e *Error) WithAction(a Action) *Error { c := *e; c.Action = a; return &c }

// WithResource returns a copy that names the resource.
func (e *Error) WithResource(r Ref) *Error { c := *e; c.Kind, c.Name = r.Kind, r.Name; return &c }

// WithKindName returns a copy that names the resource.
func (e *Error) WithKindName(k Kind, name string) *Error {
	return e.WithResource(Ref{Kind: k, Name: name})
}

// Wrap returns a copy with a cause.
func (e *Error) Wrap(cause error) *Error { c := *e; c.Cause = cause; return &c }

// AsError returns err as an *Error: the first one in its chain, or ErrUnknown wrapping it.
func AsError(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return ErrUnknown.WithText("").Wrap(err)
}

// Hint returns the first hint found in err's tree, the outermost first.
func Hint(err error) string {
	for err != nil {
		if e, ok := err.(*Error); ok && e.Hint != "" {
			return e.Hint
		}
		if many, ok := err.(interface{ Unwrap() []error }); ok {
			for _, one := range many.Unwrap() {
				if h := Hint(one); h != "" {
					return h
				}
			}
			return ""
		}
		err = errors.Unwrap(err)
	}
	return ""
}
