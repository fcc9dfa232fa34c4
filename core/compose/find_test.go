package compose

import (
	"encoding/json"
	"testing"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// configOf returns the configuration of a declared resource.
func configOf(t *testing.T, tr *Translation, ref resource.Ref) json.RawMessage {
	t.Helper()
	for _, d := range tr.Declarations {
		if d.Ref == ref {
			return d.Config
		}
	}
	t.Fatalf("%s is not declared", ref)
	return nil
}

// instanceOf returns the configuration of a declared instance.
func instanceOf(t *testing.T, tr *Translation, name string) kinds.InstanceConfig {
	t.Helper()
	var c kinds.InstanceConfig
	if err := json.Unmarshal(configOf(t, tr, resource.Ref{Kind: resource.KindInstance, Name: name}), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// translated loads and translates a compose file.
func translated(t *testing.T, file string) (*Translation, string) {
	t.Helper()
	dir := project(t, map[string]string{"compose.yaml": file})
	p, err := loadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := Translate(p, TranslateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return tr, dir
}
