package validate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// place is the address under which a schema is compiled; it is never fetched.
const place = "schema:/kind"

// dialect is the only one that plugins write.
const dialect = "https://json-schema.org/draft/2020-12/schema"

// Schema is a JSON Schema (2020-12), ready for use by several goroutines.
type Schema struct{ compiled *jsonschema.Schema }

// Compile reads a schema. An error says what makes it none.
func Compile(doc json.RawMessage) (*Schema, error) {
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	if object, ok := parsed.(map[string]any); ok {
		if other, ok := object["$schema"]; ok && other != dialect {
			return nil, fmt.Errorf("reading the schema: it is written in %v, not in JSON Schema 2020-12", other)
		}
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.UseLoader(nowhere{})
	if err := compiler.AddResource(place, parsed); err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	compiled, err := compiler.Compile(place)
	if err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	return &Schema{compiled: compiled}, nil
}

// nowhere is where documents are fetched from.
type nowhere struct{}

// Load implements jsonschema.URLLoader.
func (nowhere) Load(url string) (any, error) {
	return nil, fmt.Errorf("the schema refers to %s; it must be in one piece", url)
}

// Check returns what in a document does not fit the schema, in the order of the places; nil when all does.
func (s *Schema) Check(doc json.RawMessage) []Mistake {
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		return []Mistake{{Text: "it is no JSON: " + err.Error()}}
	}
	err = s.compiled.Validate(parsed)
	var invalid *jsonschema.ValidationError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &invalid):
		return mistakes(invalid)
	}
	return []Mistake{{Text: err.Error()}}
}
