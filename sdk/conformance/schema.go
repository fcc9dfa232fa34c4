package conformance

import (
	"encoding/json"
	"testing"

	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/sdk/schema/validate"
)

// compiled returns a kind's schema, or nil after it has said what is wrong with it.
func compiled(t testing.TB, kind resource.Kind, of string, doc json.RawMessage) *validate.Schema {
	t.Helper()
	if len(doc) == 0 {
		t.Errorf("kind %s has no schema of its %s", kind, of)
		return nil
	}
	schema, err := validate.Compile(doc)
	if err != nil {
		t.Errorf("kind %s: the schema of its %s: %v", kind, of, err)
		return nil
	}
	return schema
}
