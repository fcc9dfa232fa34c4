package stack

import (
	"fmt"
	"strings"

	"github.com/icc-project/icc/sdk/resource"
)

// Check says whether the stack can be run: every need that is not optional is there, and no node needs itself, over
// however many others.
func (s *Stack) Check() error {
	for _, n := range s.nodes {
		for _, need := range n.Needs {
			if _, ok := s.index[need.ID]; !ok && !need.Optional {
				return resource.ErrDependencyNotEnsured.WithResource(n.Ref).WithAction(n.Action).
					WithText(fmt.Sprintf("%q needs %q, which is not part of the run", n.ID, need.ID))
			}
		}
	}
	if cycle := s.cycle(); cycle != nil {
		return resource.ErrConfig.WithText("dependency cycle: " + strings.Join(cycle, " -> ")).
			WithHint("remove one of these dependencies; things that need each other can never start")
	}
	return nil
}

// cycle returns the first cycle as a list of IDs that begins and ends with the same one, or nil.
func (s *Stack) cycle() []string {
	w := walk{stack: s, depth: make([]int, len(s.nodes))}
	for i := range s.nodes {
		if cycle := w.visit(i); cycle != nil {
			return cycle
		}
	}
	return nil
}

// walk follows needs from node to node.
type walk struct {
	stack *Stack
	path  []string // IDs of the nodes being visited
	// depth is each node's place in path plus one, 0 before its visit and -1 after it.
	depth []int
}

func (w *walk) visit(i int) []string {
	n := w.stack.nodes[i]
	switch at := w.depth[i]; {
	case at < 0:
		return nil
	case at > 0:
		return append(w.path[at-1:], n.ID)
	}
	w.path = append(w.path, n.ID)
	w.depth[i] = len(w.path)
	for _, need := range n.Needs {
		if to, in := w.stack.index[need.ID]; in {
			if cycle := w.visit(to); cycle != nil {
				return cycle
			}
		}
	}
	w.path = w.path[:len(w.path)-1]
	w.depth[i] = -1
	return nil
}
