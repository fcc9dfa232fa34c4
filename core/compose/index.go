package compose

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/icc-project/icc/sdk/resource"
	"go.yaml.in/yaml/v4"
)

// index finds the lines of attributes in the compose files. It parses the files again, keeping the positions that
// compose-go drops, and does so only when the first position is asked for.
type index struct {
	once  sync.Once
	files []indexedFile
	// dir is what the standard input's paths refer to; names are shown as seen from cwd.
	dir, cwd string
}

type indexedFile struct {
	name    string
	content []byte
	docs    []*yaml.Node
}

// maxIndexed bounds the number of files followed through include and extends.
const maxIndexed = 256

func newIndex(names []string, contents [][]byte, dir, cwd string) *index {
	x := &index{dir: dir, cwd: cwd}
	for i, name := range names {
		x.files = append(x.files, indexedFile{name: name, content: contents[i]})
	}
	return x
}

// parse reads all files and those they refer to. What cannot be read or parsed stays without positions.
func (x *index) parse() {
	known := map[string]bool{}
	for _, f := range x.files {
		known[f.name] = true
	}
	for i := 0; i < len(x.files); i++ {
		f := &x.files[i]
		decoder := yaml.NewDecoder(bytes.NewReader(f.content))
		for {
			var doc yaml.Node
			if decoder.Decode(&doc) != nil || len(doc.Content) == 0 {
				break
			}
			f.docs = append(f.docs, doc.Content[0])
		}
		base := x.dir
		if f.name != stdinName {
			base = filepath.Dir(f.name)
		}
		for _, ref := range references(f.docs) {
			if !filepath.IsAbs(ref) {
				ref = filepath.Join(base, ref)
			}
			content, err := os.ReadFile(ref)
			if err != nil || known[ref] || len(known) >= maxIndexed {
				continue
			}
			known[ref] = true
			x.files = append(x.files, indexedFile{name: ref, content: content})
			f = &x.files[i]
		}
	}
}

// show returns a file's name for messages: short when the file lies below the working directory.
func (x *index) show(name string) string {
	if name == stdinName {
		return "standard input"
	}
	if rel, err := filepath.Rel(x.cwd, name); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return name
}

// references returns the files that documents include or extend services from.
func references(docs []*yaml.Node) []string {
	var refs []string
	for _, doc := range docs {
		if include := child(doc, "include"); include != nil && include.Kind == yaml.SequenceNode {
			for _, entry := range include.Content {
				if path := child(entry, "path"); path != nil {
					entry = path
				}
				refs = append(refs, scalars(entry)...)
			}
		}
		services := child(doc, "services")
		if services == nil || services.Kind != yaml.MappingNode {
			continue
		}
		for i := 1; i < len(services.Content); i += 2 {
			refs = append(refs, scalars(child(child(services.Content[i], "extends"), "file"))...)
		}
	}
	return refs
}

// scalars returns a scalar's value, or those of a sequence of scalars.
func scalars(n *yaml.Node) []string {
	switch {
	case n == nil:
		return nil
	case n.Kind == yaml.ScalarNode:
		return []string{n.Value}
	case n.Kind == yaml.SequenceNode:
		var out []string
		for _, c := range n.Content {
			if c.Kind == yaml.ScalarNode {
				out = append(out, c.Value)
			}
		}
		return out
	}
	return nil
}

// locate returns the place of an attribute. When it is written nowhere, the line is that of the nearest thing around
// it. The last file that sets an attribute counts, but the first one that declares an object.
func (x *index) locate(path string) resource.Position {
	pos := resource.Position{Path: path}
	if x == nil || len(x.files) == 0 {
		return pos
	}
	x.once.Do(x.parse)
	pos.File = x.show(x.files[0].name)
	best := -1
	for _, f := range x.files {
		for _, doc := range f.docs {
			m := follow(doc, path)
			if m.depth > best || m.depth == best && m.scalar {
				best, pos.File, pos.Line = m.depth, x.show(f.name), m.line
			}
		}
	}
	if best <= 0 {
		pos.File, pos.Line = x.show(x.files[0].name), 0
	}
	return pos
}

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

// length returns the number of items of a list as it is written, or -1 when several files, or none, write it.
func (x *index) length(path string) int {
	x.once.Do(x.parse)
	found := -1
	for _, f := range x.files {
		for _, doc := range f.docs {
			m := follow(doc, path)
			if !m.complete {
				continue
			}
			if found >= 0 {
				return -1
			}
			found = m.items
		}
	}
	return found
}

// has says whether a file sets an attribute.
func (x *index) has(path string) bool {
	x.once.Do(x.parse)
	for _, f := range x.files {
		for _, doc := range f.docs {
			if follow(doc, path).complete {
				return true
			}
		}
	}
	return false
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
			for _, c := range from.Content {
				merged = append(merged, c)
			}
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

// search returns the position of the first scalar, in the order of the files, that the function accepts.
func (x *index) search(accept func(path []string, value string) bool) (resource.Position, bool) {
	x.once.Do(x.parse)
	for _, f := range x.files {
		for _, doc := range f.docs {
			if path, line, ok := searchNode(doc, nil, accept); ok {
				return resource.Position{File: x.show(f.name), Path: joinPath(path), Line: line}, true
			}
		}
	}
	return resource.Position{}, false
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

// joinPath writes the elements of a path as one text.
func joinPath(elements []string) string {
	return strings.ReplaceAll(strings.Join(elements, "."), ".[", "[")
}

// elements splits a path into its elements, as far as the files know them.
func (x *index) elements(path string) []string {
	x.once.Do(x.parse)
	best := strings.Split(path, ".")
	for _, f := range x.files {
		for _, doc := range f.docs {
			var elements []string
			n, rest := resolveAlias(doc), path
			for rest != "" {
				next, after, _ := step(n, rest)
				if next == nil {
					break
				}
				elements = append(elements, strings.Trim(strings.TrimSuffix(rest, after), "."))
				n, rest = resolveAlias(next), after
			}
			if rest == "" {
				return elements
			}
		}
	}
	return best
}

// line returns the text of a line of a file, trimmed and shortened.
func (x *index) line(name string, number int) string {
	for _, f := range x.files {
		if f.name != name && x.show(f.name) != name {
			continue
		}
		lines := bytes.SplitN(f.content, []byte("\n"), number+1)
		if number < 1 || number > len(lines) {
			return ""
		}
		text := strings.TrimSpace(string(lines[number-1]))
		if len(text) > 60 {
			text = text[:60] + "…"
		}
		return text
	}
	return ""
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
