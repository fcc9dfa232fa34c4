package compose

import (
	"bytes"
	"os"
	"path/filepath"
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
		if runes := []rune(text); len(runes) > 60 {
			text = string(runes[:60]) + "…"
		}
		return text
	}
	return ""
}
