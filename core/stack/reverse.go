package stack

import "slices"

// Reverse returns the same graph backwards, for stopping and deleting: every node needs those that needed it, and what
// would have started first starts last. A need of something that is not in the stack stays where it is.
func (s *Stack) Reverse() *Stack {
	back := &Stack{index: make(map[string]int, len(s.nodes)), descending: !s.descending}
	for _, n := range slices.Backward(s.nodes) {
		n.Needs = nil
		back.put(n)
	}
	for _, n := range slices.Backward(s.nodes) {
		for _, need := range n.Needs {
			from, to := n.ID, need.ID
			if _, ok := s.index[to]; ok {
				from, to = to, from
			}
			needer := &back.nodes[back.index[from]]
			needer.Needs = append(needer.Needs, Need{ID: to, Optional: need.Optional})
		}
	}
	return back
}
