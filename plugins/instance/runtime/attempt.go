package runtime

import (
	"context"
	"sync"
)

// shared is work that is done once for all who need it. A failure is told to those who wait for it and then forgotten,
// so that the next one tries again.
type shared[T any] struct {
	mu      sync.Mutex
	current *attempt[T]
}

// attempt is one try, under way or over.
type attempt[T any] struct {
	done  chan struct{}
	value T
	err   error
}

// begin returns the attempt that is under way or has succeeded, or else starts one. The work does not end with the ctx
// of whoever happened to be the first.
func (s *shared[T]) begin(ctx context.Context, work func(context.Context) (T, error)) *attempt[T] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil {
		return s.current
	}
	a := &attempt[T]{done: make(chan struct{})}
	s.current = a
	go func() {
		defer close(a.done)
		a.value, a.err = work(context.WithoutCancel(ctx))
		if a.err != nil {
			s.forget(a)
		}
	}()
	return a
}

// reset makes the next begin start anew.
func (s *shared[T]) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = nil
}

// forget makes the next begin start anew, unless somebody has done so already.
func (s *shared[T]) forget(a *attempt[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == a {
		s.current = nil
	}
}

// wait returns what the attempt has come to.
func (a *attempt[T]) wait(ctx context.Context) (T, error) {
	select {
	case <-a.done:
		return a.value, a.err
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	}
}
