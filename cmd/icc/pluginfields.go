package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// configField is a field of a kind's configuration, as far as one line can tell.
type configField struct {
	Type  json.RawMessage `json:"type"` // a word or a list of words
	Items *configField    `json:"items"`
}

// configFields reads the fields of a kind's configuration out of its schema: "text  string, required". A schema of
// another form has none to show; --format json shows it as it is.
func configFields(schema json.RawMessage) []string {
	var doc struct {
		Properties map[string]configField `json:"properties"`
		Required   []string               `json:"required"`
	}
	if json.Unmarshal(schema, &doc) != nil {
		return nil
	}
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(doc.Properties)) {
		line := fmt.Sprintf("%-20s  %s", name, doc.Properties[name].kind())
		if slices.Contains(doc.Required, name) {
			line += ", required"
		}
		lines = append(lines, line)
	}
	return lines
}

// kind puts the field's type into words.
func (f configField) kind() string {
	var name string
	if json.Unmarshal(f.Type, &name) != nil {
		var several []string
		if json.Unmarshal(f.Type, &several) != nil {
			return "anything"
		}
		return strings.Join(several, " or ")
	}
	switch {
	case name == "object":
		return "mapping"
	case name == "array" && f.Items != nil:
		return "list of " + f.Items.kind()
	case name == "array":
		return "list"
	}
	return name
}
