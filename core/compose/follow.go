package compose

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// match is how far a path could be followed.
type match struct {
	depth, line      int
	items            int
	scalar, complete bool
}

// follow walks from a document's root along a path such as "services.web.ports[0]". Keys may contain dots, so the
// keys that are there decide where one ends.
func follow(n *yaml.Node, path string) match {
	m := match{line: n.Line}
	for path != "" {
		n = resolveAlias(n)
		m.scalar = n.Kind == yaml.ScalarNode
		next, rest, line := step(n, path)
		if next == nil {
			return m
		}
		n, path = next, rest
		m.depth, m.line = m.depth+1, line
	}
	n = resolveAlias(n)
	m.scalar, m.items, m.complete = n.Kind == yaml.ScalarNode, len(n.Content), true
	return m
}

// step takes the first element of path.
func step(n *yaml.Node, path string) (next *yaml.Node, rest string, line int) {
	switch n.Kind {
	case yaml.MappingNode:
		return stepKey(n, path)
	case yaml.SequenceNode:
		return stepItem(n, path)
	}
	return nil, "", 0
}

// stepKey finds the longest key of a mapping that path begins with, looking into merged mappings last.
func stepKey(n *yaml.Node, path string) (next *yaml.Node, rest string, line int) {
	var merged []*yaml.Node
	longest := -1
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Value == "<<" {
			merged = append(merged, value)
			continue
		}
		if r, ok := cutElement(path, key.Value); ok && len(key.Value) > longest {
			longest, next, rest, line = len(key.Value), value, r, key.Line
		}
	}
	for i := 0; next == nil && i < len(merged); i++ {
		from := resolveAlias(merged[i])
		if from.Kind == yaml.SequenceNode {
			merged = append(merged, from.Content...)
			continue
		}
		if from.Kind == yaml.MappingNode && from != n {
			next, rest, line = stepKey(from, path)
		}
	}
	return next, rest, line
}

// stepItem finds an item by its number, or a scalar item by its value or the name before its "=" or ":".
func stepItem(n *yaml.Node, path string) (next *yaml.Node, rest string, line int) {
	element, rest, _ := strings.Cut(strings.TrimPrefix(path, "["), ".")
	element = strings.TrimSuffix(element, "]")
	if i, err := strconv.Atoi(element); err == nil && i >= 0 && i < len(n.Content) {
		return n.Content[i], rest, n.Content[i].Line
	}
	for _, c := range n.Content {
		if c.Kind != yaml.ScalarNode {
			continue
		}
		name := c.Value
		if i := strings.IndexAny(name, "=:"); i >= 0 {
			name = name[:i]
		}
		if name == element || c.Value == element {
			return c, rest, c.Line
		}
	}
	return nil, "", 0
}

// cutElement removes key from the front of path, if it stands there as a whole element.
func cutElement(path, key string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(path, key)
	if !ok || key == "" {
		return "", false
	}
	switch {
	case rest == "" || rest[0] == '[':
		return rest, true
	case rest[0] == '.':
		return rest[1:], true
	}
	return "", false
}

// child returns the value of a key of a mapping, or nil.
func child(n *yaml.Node, key string) *yaml.Node {
	if n == nil {
		return nil
	}
	n = resolveAlias(n)
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return resolveAlias(n.Content[i+1])
		}
	}
	return nil
}

func resolveAlias(n *yaml.Node) *yaml.Node {
	for i := 0; n.Kind == yaml.AliasNode && n.Alias != nil && i < 100; i++ {
		n = n.Alias
	}
	return n
}

func searchNode(n *yaml.Node, path []string, accept func([]string, string) bool) ([]string, int, bool) {
	for i, c := range n.Content {
		here := path
		switch {
		case n.Kind == yaml.SequenceNode:
			here = append(slices.Clip(path), fmt.Sprintf("[%d]", i))
		case i%2 == 0:
			continue // a key
		default:
			here = append(slices.Clip(path), n.Content[i-1].Value)
		}
		if c.Kind == yaml.ScalarNode {
			if accept(here, c.Value) {
				return here, c.Line, true
			}
			continue
		}
		if p, line, ok := searchNode(c, here, accept); ok {
			return p, line, true
		}
	}
	return nil, 0, false
}
