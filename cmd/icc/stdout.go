package main

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
)

// outputError says that standard output cannot be written to: there is no use in going on.
type outputError struct{ cause error }

func (e *outputError) Error() string { return "writing to standard output: " + e.cause.Error() }
func (e *outputError) Unwrap() error { return e.cause }

// stdout is standard output for all commands. Its first error ends the run.
type stdout struct {
	to  io.Writer
	end context.CancelCauseFunc

	mu  sync.Mutex
	err error
}

// Write implements io.Writer.
func (o *stdout) Write(data []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.to.Write(data)
	if err != nil {
		var path *os.PathError
		if errors.As(err, &path) {
			err = path.Err // the file's name would say it once more
		}
		o.err = &outputError{err}
		o.end(o.err)
	}
	return n, o.err
}

// outputFailed says whether a run was ended because its output cannot be written.
func outputFailed(ctx context.Context) bool {
	var e *outputError
	return errors.As(context.Cause(ctx), &e)
}

// failure returns the error that ended the run, nil when there was none.
func (o *stdout) failure() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}
