package userconfig

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/icc-project/icc/core/suggest"
	"github.com/icc-project/icc/sdk/resource"
)

// decode reads a configuration and reports its first mistake.
func decode(file string, content []byte) (Config, error) {
	var c Config
	var doc yaml.Node
	if err := yaml.Unmarshal(content, &doc); err != nil {
		return c, resource.ErrConfig.
			WithText(fmt.Sprintf("%s is not valid YAML: %s", file, strings.TrimPrefix(err.Error(), "yaml: "))).
			WithHint("check indentation (spaces, no tabs), quotes and brackets there and in the line before")
	}
	if len(doc.Content) == 0 {
		return c, nil
	}
	d := decoder{file: file}
	d.mapping(doc.Content[0], "the file", fields{
		"builders": func(n *yaml.Node) {
			d.mapping(n, "builders", fields{
				"default": func(n *yaml.Node) { c.Builders.Default = d.text(n, "builders.default") },
				"hosts":   func(n *yaml.Node) { c.Builders.Hosts = d.texts(n, "builders.hosts") },
			})
		},
	})
	return c, d.err
}

// decoder walks through a file and keeps its first mistake.
type decoder struct {
	file string
	err  error
}

// fields says what to do with the value of each key that a mapping may have.
type fields map[string]func(*yaml.Node)

// mapping reads a mapping whose keys are known. One without a value is empty.
func (d *decoder) mapping(n *yaml.Node, what string, known fields) {
	var names []string
	for name := range known {
		names = append(names, name)
	}
	d.each(n, what, func(key, value *yaml.Node) {
		read, ok := known[key.Value]
		if !ok {
			hint := "remove it"
			if near := suggest.Nearest(key.Value, names); near != "" {
				hint = fmt.Sprintf("did you mean %q?", near)
			}
			d.fail(key, fmt.Sprintf("%s has no setting %q", what, key.Value), hint)
			return
		}
		read(value)
	})
}

// texts reads a mapping from names that the user chooses.
func (d *decoder) texts(n *yaml.Node, what string) map[string]string {
	out := map[string]string{}
	d.each(n, what, func(key, value *yaml.Node) { out[key.Value] = d.text(value, what+"."+key.Value) })
	return out
}

func (d *decoder) each(n *yaml.Node, what string, visit func(key, value *yaml.Node)) {
	n = resolved(n)
	switch {
	case n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null":
		return
	case n.Kind != yaml.MappingNode:
		d.fail(n, what+" has to be a mapping", "write it as `key: value` pairs")
		return
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if line, ok := seen[key.Value]; ok {
			d.fail(key, fmt.Sprintf("%q is set a second time; the first is in line %d", key.Value, line), "remove one of the two")
			return
		}
		seen[key.Value] = key.Line
		visit(key, n.Content[i+1])
	}
}

// text reads a word, which must not be empty.
func (d *decoder) text(n *yaml.Node, what string) string {
	n = resolved(n)
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str" || strings.TrimSpace(n.Value) == "" {
		d.fail(n, what+" has to be a name", "write a name, or remove the setting")
		return ""
	}
	return n.Value
}

func (d *decoder) fail(n *yaml.Node, text, hint string) {
	if d.err == nil {
		d.err = resource.ErrConfig.WithText(fmt.Sprintf("%s:%d:%d: %s", d.file, n.Line, n.Column, text)).WithHint(hint)
	}
}

// resolved follows an alias to what it stands for.
func resolved(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}
