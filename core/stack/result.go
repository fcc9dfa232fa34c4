package stack

import (
	"context"
	"errors"
)

// Result is how a run ended. Each node is in exactly one of the lists, which are in the order of the stack.
type Result struct {
	Done   []string
	Failed []Failure
	// Skipped were never started, or only waited when the run stopped.
	Skipped []string
}

// Failure is a node and its error.
type Failure struct {
	ID  string
	Err error
}

// err joins the errors of all nodes. When the context's end kept nodes from starting, its cause is among them.
func (r *Result) err(ctx context.Context) error {
	var errs []error
	for _, f := range r.Failed {
		errs = append(errs, f.Err)
	}
	joined := errors.Join(errs...)
	if cause := context.Cause(ctx); cause != nil && len(r.Skipped) > 0 && !errors.Is(joined, cause) {
		joined = errors.Join(joined, cause)
	}
	return joined
}
