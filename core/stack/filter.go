package stack

import "github.com/icc-project/icc/sdk/resource"

// ForAction returns a stack of the nodes that perform the action. See ForActionF for their order.
func (s *Stack) ForAction(a resource.Action) *Stack {
	return s.ForActionF(a, func(Node) bool { return true })
}

// ForActionF returns a stack of the nodes that perform the action and that keep says yes to. Their order stays: a node
// that needed another one through nodes that are left out needs it directly.
func (s *Stack) ForActionF(a resource.Action, keep func(Node) bool) *Stack {
	kept := make(map[string]bool, len(s.nodes))
	for _, n := range s.nodes {
		kept[n.ID] = n.Action == a && keep(n)
	}
	out := &Stack{index: make(map[string]int), descending: s.descending}
	for _, n := range s.nodes {
		if kept[n.ID] {
			n.Needs = s.needsAcross(n, kept)
			out.put(n)
		}
	}
	return out
}

// needsAcross returns the kept nodes that n needs, directly or through nodes that are not kept, in the order in which a
// walk finds them. A need is optional when every way to it has an optional part.
func (s *Stack) needsAcross(n Node, kept map[string]bool) []Need {
	var needs []Need
	found := make(map[string]int)     // position in needs by ID
	required := make(map[string]bool) // whether a node that is left out was reached without an optional part
	queue := n.Needs
	for len(queue) > 0 {
		need := queue[0]
		queue = queue[1:]
		i, in := s.index[need.ID]
		if in && !kept[need.ID] {
			if seen, ok := required[need.ID]; ok && (seen || need.Optional) {
				continue
			}
			required[need.ID] = !need.Optional
			for _, next := range s.nodes[i].Needs {
				queue = append(queue[:len(queue):len(queue)], Need{ID: next.ID, Optional: next.Optional || need.Optional})
			}
			continue
		}
		if at, ok := found[need.ID]; ok {
			needs[at].Optional = needs[at].Optional && need.Optional
			continue
		}
		found[need.ID] = len(needs)
		needs = append(needs, need)
	}
	return needs
}
