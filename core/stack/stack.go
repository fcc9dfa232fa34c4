package stack

import (
	"fmt"
	"slices"

	"github.com/icc-project/icc/sdk/resource"
)

// Stack is a graph of nodes. It may be run any number of times, but not changed while it runs.
type Stack struct {
	nodes []Node
	index map[string]int // position in nodes by ID
	// descending says that higher priorities start first, as they do in a reversed stack.
	descending bool
}

// New returns an empty stack.
func New() *Stack { return &Stack{index: make(map[string]int)} }

// Add adds nodes. Their needs may name nodes that are added later. An ID that the stack has already is an error, and the
// nodes from there on are not added.
func (s *Stack) Add(nodes ...Node) error {
	for _, n := range nodes {
		if _, ok := s.index[n.ID]; ok {
			return resource.ErrConfig.WithText(fmt.Sprintf("%q was added to the run twice", n.ID))
		}
		n.Needs = slices.Clone(n.Needs)
		s.index[n.ID] = len(s.nodes)
		s.nodes = append(s.nodes, n)
	}
	return nil
}

// All returns the nodes in the order in which they were added.
func (s *Stack) All() []Node {
	all := slices.Clone(s.nodes)
	for i := range all {
		all[i].Needs = slices.Clone(all[i].Needs)
	}
	return all
}

// put adds nodes whose IDs are known to differ.
func (s *Stack) put(n Node) {
	s.index[n.ID] = len(s.nodes)
	s.nodes = append(s.nodes, n)
}
