package main

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"testing"
)

// brokenWriter fails after some writes.
type brokenWriter struct {
	left int
	err  error
}

func (w *brokenWriter) Write(data []byte) (int, error) {
	if w.left--; w.left < 0 {
		return 0, &os.PathError{Op: "write", Path: "/dev/stdout", Err: w.err}
	}
	return len(data), nil
}

func TestTheFirstOutputErrorEndsTheRun(t *testing.T) {
	t.Parallel()
	for err, want := range map[syscall.Errno]int{syscall.ENOSPC: exitFailure, syscall.EPIPE: exitBrokenPipe} {
		ctx, end := context.WithCancelCause(t.Context())
		out := &stdout{to: &brokenWriter{left: 1, err: err}, end: end}
		fmt.Fprintln(out, "one")
		if out.failure() != nil || ctx.Err() != nil {
			t.Fatal("a write that went well ended the run")
		}
		fmt.Fprintln(out, "two")
		fmt.Fprintln(out, "three")
		if !outputFailed(ctx) || out.failure().Error() != "writing to standard output: "+err.Error() {
			t.Errorf("the run was ended by %v", context.Cause(ctx))
		}
		if code := report(t.Context(), out.failure()); code != want {
			t.Errorf("%v: exit code %d, want %d", err, code, want)
		}
	}
}
