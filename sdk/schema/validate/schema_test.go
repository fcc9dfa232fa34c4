package validate_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/schema"
	"github.com/icc-project/icc/sdk/schema/validate"
)

type file struct {
	Mode int `json:"mode"`
}

type config struct {
	Name  string          `json:"name" jsonschema:"required"`
	On    bool            `json:"on,omitempty"`
	Files []file          `json:"files,omitempty"`
	Map   map[string]file `json:"map,omitempty"`
	Level string          `json:"level,omitempty" jsonschema:"enum=low,enum=high"`
}

func TestMistakesAreSaidInPlainWords(t *testing.T) {
	t.Parallel()
	s, err := validate.Compile(schema.Of(config{}))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		doc  string
		want []string
	}{
		"nothing wrong":              {`{"name":"a","on":true,"files":[{"mode":1}],"map":{"x":{"mode":2}},"level":"low"}`, nil},
		"an unknown field":           {`{"name":"a","colour":"red"}`, []string{"colour: unknown field"}},
		"one in a list":              {`{"name":"a","files":[{},{"mod":1}]}`, []string{"files[1].mod: unknown field"}},
		"one in a map":               {`{"name":"a","map":{"x":{"mod":1}}}`, []string{"map.x.mod: unknown field"}},
		"a missing field":            {`{}`, []string{"name: required, but missing"}},
		"a wrong type":               {`{"name":7}`, []string{"name: a number instead of a string"}},
		"a list for a mapping":       {`[]`, []string{"a list instead of a mapping"}},
		"a text for a switch":        {`{"name":"a","on":"yes"}`, []string{"on: a string instead of true or false"}},
		"a fraction":                 {`{"name":"a","files":[{"mode":1.5}]}`, []string{"files[0].mode: a number instead of a whole number"}},
		"a word that is not offered": {`{"name":"a","level":"medium"}`, []string{"level: value must be one of 'low', 'high'"}},
		"several":                    {`{"zoo":1,"able":2}`, []string{"able: unknown field", "name: required, but missing", "zoo: unknown field"}},
		"no JSON":                    {`{"name`, []string{"it is no JSON: unexpected EOF"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, m := range s.Check(json.RawMessage(c.doc)) {
				got = append(got, m.String())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("mistakes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsNoSchemaIsRefused(t *testing.T) {
	t.Parallel()
	for doc, text := range map[string]string{
		`{"type":"strin"}`: "type",
		`{"type":`:         "unexpected EOF",
		`7`:                "",
		`{"$schema":"http://json-schema.org/draft-07/schema#"}`: "draft-07",
		`{"$ref":"https://example.org/other.json"}`:             "one piece",
	} {
		if _, err := validate.Compile(json.RawMessage(doc)); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("Compile(%s) = %v, want %q", doc, err, text)
		}
	}
}

func TestSchemasOfTheBuiltInKindsCompile(t *testing.T) {
	t.Parallel()
	for _, v := range []any{
		kinds.ProjectConfig{}, kinds.ProfileConfig{}, kinds.ImageConfig{}, kinds.NetworkConfig{}, kinds.VolumeConfig{}, kinds.InstanceConfig{},
		kinds.ProjectOutputs{}, kinds.ProfileOutputs{}, kinds.ImageOutputs{}, kinds.NetworkOutputs{}, kinds.VolumeOutputs{}, kinds.InstanceOutputs{},
	} {
		s, err := validate.Compile(schema.Of(v))
		if err != nil {
			t.Errorf("%T: %v", v, err)
			continue
		}
		if got := s.Check(json.RawMessage(`{"no_such_field":1}`)); len(got) != 1 {
			t.Errorf("%T: %v", v, got)
		}
	}
}
