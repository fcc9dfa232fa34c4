package compose

import (
	"fmt"
	"slices"
	"strings"
)

// cycle reports a circle of dependencies between services. Each service is visited once, so that projects of any size
// are checked quickly.
func (c *checker) cycle() {
	s := circleSearch{c: c, done: map[string]bool{}}
	for _, name := range c.p.serviceNames() {
		if circle := s.visit(name); circle != nil {
			first := circle[0]
			c.at = servicePath(first)
			c.add("depends_on."+circle[1], fmt.Sprintf("services depend on each other in a circle: %s", strings.Join(circle, " -> ")),
				"remove one of these dependencies")
			return
		}
	}
}

// circleSearch is a depth-first search.
type circleSearch struct {
	c    *checker
	path []string
	done map[string]bool
}

// visit returns the circle that can be reached from a service, beginning and ending with the same one.
func (s *circleSearch) visit(name string) []string {
	if i := slices.Index(s.path, name); i >= 0 {
		return append(slices.Clone(s.path[i:]), name)
	}
	if s.done[name] {
		return nil
	}
	s.path = append(s.path, name)
	for _, dep := range sortedKeys(s.c.p.Services[name].DependsOn) {
		if circle := s.visit(dep); circle != nil {
			return circle
		}
	}
	s.path = s.path[:len(s.path)-1]
	s.done[name] = true
	return nil
}
