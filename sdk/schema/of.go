package schema

import (
	"encoding/json"

	"github.com/invopop/jsonschema"
)

// Of returns the JSON Schema (2020-12) of v's type, in one piece and without references. Fields are optional unless
// tagged `jsonschema:"required"`, and unknown ones are not allowed. Durations are integers, in nanoseconds. It panics
// on types that JSON cannot hold, which is a mistake of the programmer that the first test shows.
func Of(v any) json.RawMessage {
	reflector := jsonschema.Reflector{
		Anonymous:                  true,
		DoNotReference:             true,
		RequiredFromJSONSchemaTags: true,
	}
	doc, err := json.Marshal(reflector.Reflect(v))
	if err != nil {
		panic("schema: " + err.Error())
	}
	return doc
}
