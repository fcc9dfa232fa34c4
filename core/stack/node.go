package stack

import (
	"context"

	"github.com/icc-project/icc/sdk/resource"
)

// Node is one thing to do.
type Node struct {
	// ID names the node within its stack.
	ID string
	// Ref and Action say what it does to which resource, for filters, hooks and messages.
	Ref    resource.Ref
	Action resource.Action
	// Priority orders nodes that are ready at the same time: lower ones start first, equal ones as they were added.
	Priority int
	// Waits marks a node that only waits for something. It occupies no worker, and once the run stops after an
	// error, its context ends, because nobody is waiting for its answer any more.
	Waits bool
	Needs []Need
	// Do does it. A nil Do makes the node a milestone: it is done when its needs are.
	Do func(ctx context.Context) error
}

// Need says that another node has to be done first.
type Need struct {
	// ID is the other node's.
	ID string
	// Optional needs are met when the stack has no such node. When it has, they are like any other.
	Optional bool
}
