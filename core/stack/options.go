package stack

import "context"

// DefaultWorkers is how many nodes run at a time unless told otherwise.
const DefaultWorkers = 8

// Options say how to run a stack.
type Options struct {
	// Workers is how many nodes run at a time, not counting those that only wait; 0 means DefaultWorkers.
	Workers int
	// KeepGoing goes on after an error with everything that does not need the failed node.
	KeepGoing bool
	Hooks     Hooks
}

// Hooks are told how a run goes. Each may be nil. Before and After are called by many nodes at the same time.
type Hooks struct {
	// Before is called when a node has its worker. An error keeps Do from being called and is the node's own.
	Before func(ctx context.Context, n Node) error
	// After is called with the error of a node that was started, nil when it is done.
	After func(ctx context.Context, n Node, err error)
	// Done is called once, when nothing runs any more.
	Done func(r *Result)
}
