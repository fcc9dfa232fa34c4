package stack

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/icc-project/icc/sdk/resource"
)

// task is a node in one run.
type task struct {
	Node
	position   int // in the stack
	missing    int // needs that are not done yet
	dependents []*task
	done       bool
	err        error
}

// tasks returns the stack's nodes, ready to run. The stack has been checked.
func (s *Stack) tasks() []*task {
	all := make([]*task, len(s.nodes))
	for i, n := range s.nodes {
		all[i] = &task{Node: n, position: i}
	}
	for _, t := range all {
		for _, need := range t.Needs {
			if i, in := s.index[need.ID]; in {
				t.missing++
				all[i].dependents = append(all[i].dependents, t) // twice for a need that is stated twice
			}
		}
	}
	return all
}

// perform runs the task's function between the hooks. It calls report exactly once and in every case, also when one of
// them panics or ends its goroutine.
func (t *task) perform(ctx context.Context, h Hooks, report func(error)) {
	err := t.broken("it ended its goroutine", nil) // what stays when neither a return nor a panic comes
	defer func() { report(err) }()
	defer func() {
		if h.After == nil {
			return
		}
		if bad := t.guard(func() error { h.After(ctx, t.Node, err); return nil }); bad != nil {
			err = errors.Join(err, bad)
		}
	}()
	err = t.guard(func() error {
		if h.Before != nil {
			if err := h.Before(ctx, t.Node); err != nil {
				return err
			}
		}
		if t.Do == nil {
			return nil
		}
		return t.Do(ctx)
	})
}

// guard calls f and returns its error, or its panic as one.
func (t *task) guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = t.broken(fmt.Sprintf("it panicked: %v", p), debug.Stack())
		}
	}()
	return f()
}

// broken is the error of a task whose code is wrong.
func (t *task) broken(text string, stack []byte) error {
	e := resource.ErrOperation.WithResource(t.Ref).WithAction(t.Action).WithText(fmt.Sprintf("running %q: %s", t.ID, text)).
		WithHint("this is a bug in icc; please report it with the lines above")
	if stack == nil {
		return e
	}
	return e.Wrap(errors.New(string(stack)))
}
