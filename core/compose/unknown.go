package compose

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/icc-project/icc/core/suggest"
	"github.com/icc-project/icc/sdk/resource"
	"go.yaml.in/yaml/v4"
)

// unknownForm is what the schema says of attributes that it does not know.
const unknownForm = `^validating (.+?): (.*?) ?(?:additional properties (.+) not allowed|(false schema))$`

// apart makes an error of its own for each unknown attribute, in the order of the files. The schema names one of them,
// a different one each time.
func apart(errs []error, x *index) []error {
	form := regexp.MustCompile(unknownForm)
	var out []error
	for _, err := range errs {
		m := form.FindStringSubmatch(err.Error())
		if m == nil {
			out = append(out, err)
			continue
		}
		named := attribute{m[2], splitQuoted(m[3])[0]}
		if m[4] != "" {
			i := strings.LastIndex(m[2], ".")
			named = attribute{m[2][:max(i, 0)], m[2][i+1:]}
		}
		found := unknownBeside(named.parent, x)
		if !slices.Contains(found, named) { // it is known to be wrong all the same
			out = append(out, err)
			continue
		}
		slices.SortStableFunc(found, func(a, b attribute) int { return x.locate(a.path()).Line - x.locate(b.path()).Line })
		for _, a := range found {
			out = append(out, errors.New(strings.Join(strings.Fields(
				fmt.Sprintf("validating %s: %s additional properties '%s' not allowed", m[1], a.parent, a.name)), " ")))
		}
	}
	return out
}

// attribute is a key of a mapping.
type attribute struct{ parent, name string }

func (a attribute) path() string { return strings.TrimPrefix(a.parent+"."+a.name, ".") }

// unknownBeside returns the unknown attributes of a mapping; of a service, those of all services.
func unknownBeside(parent string, x *index) []attribute {
	parents := []string{parent}
	if e := x.elements(parent); len(e) == 2 && e[0] == "services" {
		parents = nil
		for _, name := range attributesIn(x, "services") {
			parents = append(parents, servicePath(name))
		}
	}
	var out []attribute
	for _, p := range parents {
		known := attributesOf(x.elements(p))
		for _, key := range x.keys(p) {
			a := attribute{p, key}
			if len(known) > 0 && !slices.Contains(known, key) && !strings.HasPrefix(key, "x-") && !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
	}
	return out
}

// keys returns the keys that the files have in a mapping.
func (x *index) keys(path string) []string {
	x.once.Do(x.parse)
	var out []string
	for _, f := range x.files {
		for _, doc := range f.docs {
			if n := nodeAt(doc, path); n != nil {
				out = append(out, keysOf(n, 0)...)
			}
		}
	}
	return out
}

// keysOf returns the keys of a mapping, with those of the mappings that are merged into it.
func keysOf(n *yaml.Node, depth int) []string {
	const deepest = 4 // of mappings merged into merged ones; they may go in circles
	if n = resolveAlias(n); depth > deepest {
		return nil
	}
	var out []string
	switch n.Kind {
	case yaml.SequenceNode: // several that are merged
		for _, c := range n.Content {
			out = append(out, keysOf(c, depth+1)...)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == "<<" {
				out = append(out, keysOf(n.Content[i+1], depth+1)...)
				continue
			}
			out = append(out, n.Content[i].Value)
		}
	}
	return out
}

// nodeAt returns what is at a path of a document, or nil.
func nodeAt(doc *yaml.Node, path string) *yaml.Node {
	n := resolveAlias(doc)
	for path != "" && n != nil {
		var next *yaml.Node
		if next, path, _ = step(n, path); next == nil {
			return nil
		}
		n = resolveAlias(next)
	}
	return n
}

// explainUnknown suggests the attribute that was meant.
func explainUnknown(m []string, x *index) *resource.Error {
	parent, names := m[2], splitQuoted(m[3])
	if m[4] != "" {
		i := strings.LastIndex(parent, ".")
		parent, names = parent[:max(i, 0)], []string{parent[i+1:]}
	}
	path := strings.TrimPrefix(parent+"."+names[0], ".")
	pos := x.locate(path)
	switch parent {
	case "services", "networks", "volumes", "secrets", "configs":
		return configErrorAt(pos, fmt.Sprintf("%q cannot be a name", names[0]), "use letters, digits, dots, hyphens and underscores")
	}
	known := attributesOf(x.elements(parent))
	hint := "remove it, or begin its name with x- to have it ignored"
	if n := suggest.Nearest(names[0], known); n != "" {
		hint = fmt.Sprintf("did you mean %q?", n)
	} else if len(known) > 0 && len(known) <= 20 {
		hint = "the attributes here are: " + strings.Join(known, ", ")
	}
	return configErrorAt(pos, fmt.Sprintf("unknown attribute %q", names[0]), hint)
}

// splitQuoted splits "'a', 'b'".
func splitQuoted(list string) []string {
	return strings.Split(strings.Trim(list, "'"), "', '")
}
