package schema

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

var update = flag.Bool("update", false, "rewrite the golden files")

type inner struct {
	Mode int           `json:"mode"`
	Wait time.Duration `json:"wait,omitempty"`
	Any  json.RawMessage
}

type embedded struct {
	Shared string `json:"shared,omitempty"`
}

type example struct {
	embedded
	Name   string           `json:"name" jsonschema:"required"`
	Files  []inner          `json:"files,omitempty"`
	Labels map[string]inner `json:"labels,omitempty"`
	Deep   *inner           `json:"deep,omitempty"`
	When   time.Time        `json:"when,omitzero"`
	Data   []byte           `json:"data,omitempty"`
	hidden int
}

func TestOf(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]any{"example": example{hidden: 1}, "network": kinds.NetworkConfig{}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var doc any
			if err := json.Unmarshal(Of(v), &doc); err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(doc, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", name+".json")
			if *update {
				if err := os.WriteFile(file, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
				t.Errorf("schema (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeReadsWhatTheTypeHolds(t *testing.T) {
	t.Parallel()
	want := example{
		embedded: embedded{Shared: "s"}, Name: "n", Files: []inner{{Mode: 0o444, Wait: time.Second, Any: json.RawMessage(`{"x":1}`)}},
		Labels: map[string]inner{"a": {Mode: 1, Any: json.RawMessage("null")}}, When: time.Unix(1, 0).UTC(), Data: []byte("bytes"),
	}
	raw, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got example
	if err := Decode(raw, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(example{})); diff != "" {
		t.Errorf("decoded (-want +got):\n%s", diff)
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, doc string
		is        error
		text      string
	}{
		{"an unknown field", `{"name":"n","colour":"red"}`, resource.ErrUnknownConfig, `"colour"`},
		{"an unknown field in a list", `{"files":[{"mode":1},{"mod":2}]}`, resource.ErrUnknownConfig, `"files[1].mod"`},
		{"an unknown field in a map", `{"labels":{"a":{"x":2}}}`, resource.ErrUnknownConfig, `"labels.a.x"`},
		{"an unknown field behind a pointer", `{"deep":{"x":2}}`, resource.ErrUnknownConfig, `"deep.x"`},
		{"an unexported field", `{"hidden":2}`, resource.ErrUnknownConfig, `"hidden"`},
		{"a wrong type", `{"files":[{"mode":"rw"}]}`, resource.ErrInvalidFormat, `files.mode`},
		{"a number for a struct", `{"deep":7}`, resource.ErrInvalidFormat, `deep`},
		{"what is not JSON", `{"name":`, resource.ErrInvalidFormat, "unexpected end"},
		{"two documents", `{} {}`, resource.ErrInvalidFormat, "after top-level value"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := Decode(json.RawMessage(tt.doc), &example{})
			if !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("Decode(%s) = %v, want %v with %q", tt.doc, err, tt.is, tt.text)
			}
		})
	}
}

// layers has fields of its own and of structs that it embeds.
type layers struct {
	*Lower
	Top inner `json:"top"`
}

// Lower is exported because encoding/json sets embedded pointers of exported types only.
type Lower struct {
	embedded
	Top  string `json:"top"` // hidden by the upper one
	Base inner  `json:"base"`
}

func TestDecodeKnowsTheFieldsOfEmbeddedStructs(t *testing.T) {
	t.Parallel()
	var got layers
	doc := `{"top":{"mode":1},"base":{"mode":2},"shared":"s"}`
	if err := Decode(json.RawMessage(doc), &got); err != nil || got.Top.Mode != 1 || got.Base.Mode != 2 || got.Shared != "s" {
		t.Errorf("Decode(%s) = %v, %+v", doc, err, got)
	}
	for doc, path := range map[string]string{
		`{"base":{"mod":2}}`: `"base.mod"`, `{"top":{"mod":1}}`: `"top.mod"`, `{"Lower":{}}`: `"Lower"`,
	} {
		if err := Decode(json.RawMessage(doc), &layers{}); !errors.Is(err, resource.ErrUnknownConfig) || !strings.Contains(err.Error(), path) {
			t.Errorf("Decode(%s) = %v, want an unknown field %s", doc, err, path)
		}
	}
}

func TestDecodeLeavesTheTargetAloneWithoutADocument(t *testing.T) {
	t.Parallel()
	got := example{Name: "kept"}
	for _, doc := range []json.RawMessage{nil, {}, json.RawMessage(" \n")} {
		if err := Decode(doc, &got); err != nil || got.Name != "kept" {
			t.Errorf("Decode(%q) = %v, name %q", doc, err, got.Name)
		}
	}
}

func TestConfigurationsOfTheBuiltInKindsPass(t *testing.T) {
	t.Parallel()
	raw, err := json.Marshal(kinds.InstanceConfig{Project: "p", Service: "web", StopGracePeriod: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	var got kinds.InstanceConfig
	if err := Decode(raw, &got); err != nil || got.StopGracePeriod != time.Second {
		t.Errorf("Decode = %v, %+v", err, got)
	}
}
