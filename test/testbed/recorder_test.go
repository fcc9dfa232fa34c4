package testbed_test

import (
	"fmt"
	"testing"
)

// recorder stands for a test whose failures are wanted: it keeps their text instead of failing.
type recorder struct {
	testing.TB
	cleanups []func()
	text     string
}

func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }

func (r *recorder) Errorf(format string, args ...any) { r.text += fmt.Sprintf(format, args...) + "\n" }

// end runs the cleanups, the last one first, as the end of a test does.
func (r *recorder) end() {
	for i := len(r.cleanups) - 1; i >= 0; i-- {
		r.cleanups[i]()
	}
}
