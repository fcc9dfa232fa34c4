package wire

import (
	"context"
	"errors"

	pb "github.com/icc-project/icc/sdk/proto/icc/plugin/v1"
	"github.com/icc-project/icc/sdk/resource"
)

// The codes of errors that are no sentinels of package resource.
const (
	codeCanceled = "context-canceled"
	codeDeadline = "context-deadline-exceeded"
)

// Errors travel in the trailers of a call, so what a tool printed without end is shortened in the middle.
const (
	maxErrorBytes = 256 << 10 // all texts of a tree together
	maxTextBytes  = 64 << 10  // one text
	maxDepth      = 64        // of the chain, when encoding and when decoding
	maxJoined     = 64        // errors joined at one place
)

// plainError is an error that carries no code. Its text already contains that of its causes, as usual in Go.
type plainError struct {
	text   string
	causes []error
}

func (e *plainError) Error() string { return e.text }

func (e *plainError) Unwrap() []error { return e.causes }

// errorEncoder turns error trees into messages within a budget of bytes.
type errorEncoder struct{ left int }

// encodeError returns err's tree as a message, or nil for nil.
func encodeError(err error) *pb.Error {
	enc := errorEncoder{left: maxErrorBytes}
	return enc.encode(err, 0)
}

func (enc *errorEncoder) encode(err error, depth int) *pb.Error {
	if err == nil || depth > maxDepth {
		return nil
	}
	if e, ok := err.(*resource.Error); ok {
		if e == nil {
			return nil
		}
		return &pb.Error{
			Code: e.Code, Text: enc.text(e.Text), Hint: enc.text(e.Hint),
			Kind: legible(string(e.Kind)), Name: legible(e.Name), Action: legible(string(e.Action)),
			Cause: enc.encode(e.Cause, depth+1),
		}
	}
	out := &pb.Error{Text: enc.text(err.Error())}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		for i, one := range many.Unwrap() {
			switch e := enc.encode(one, depth+1); {
			case e == nil || i > maxJoined:
			case out.Cause == nil:
				out.Cause = e
			default:
				out.Joined = append(out.Joined, e)
			}
		}
		return out
	}
	out.Cause = enc.encode(errors.Unwrap(err), depth+1)
	if out.Cause == nil {
		out.Code = contextCode(err)
	}
	return out
}

// contextCode returns the code of errors that are, or say that they are, those of package context.
func contextCode(err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return codeCanceled
	case errors.Is(err, context.DeadlineExceeded):
		return codeDeadline
	}
	return ""
}

// text returns s fit for the wire and within the budget.
func (enc *errorEncoder) text(s string) string {
	const gap = " […] "
	limit := min(maxTextBytes, enc.left)
	if len(s) > limit {
		half := max(limit-len(gap), 0) / 2
		s = s[:half] + gap + s[len(s)-half:]
	}
	enc.left = max(enc.left-len(s), 0)
	return legible(s)
}

// decodeError returns the error tree that encodeError was given, or nil for nil.
func decodeError(e *pb.Error) error { return decodeErrorAt(e, 0) }

func decodeErrorAt(e *pb.Error, depth int) error {
	if e == nil || depth > maxDepth+1 {
		return nil
	}
	cause := decodeErrorAt(e.GetCause(), depth+1)
	switch e.GetCode() {
	case "":
	case codeCanceled:
		return contextError(e.GetText(), context.Canceled)
	case codeDeadline:
		return contextError(e.GetText(), context.DeadlineExceeded)
	default:
		return &resource.Error{
			Code: e.GetCode(), Text: e.GetText(), Hint: e.GetHint(), Kind: resource.Kind(e.GetKind()),
			Name: e.GetName(), Action: resource.Action(e.GetAction()), Cause: cause,
		}
	}
	out := &plainError{text: e.GetText()}
	if cause != nil {
		out.causes = append(out.causes, cause)
	}
	for _, j := range e.GetJoined() {
		if err := decodeErrorAt(j, depth+1); err != nil {
			out.causes = append(out.causes, err)
		}
	}
	return out
}

// contextError returns the well-known error itself, or one with other words that wraps it.
func contextError(text string, known error) error {
	if text == known.Error() {
		return known
	}
	return &plainError{text: text, causes: []error{known}}
}
