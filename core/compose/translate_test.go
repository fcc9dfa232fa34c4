package compose

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/icc-project/icc/sdk/resource"
)

var update = flag.Bool("update", false, "rewrite golden files and generated documents")

// golden is what a golden file holds. Edges and positions are written as people say them.
type golden struct {
	Name         string              `json:"name"`
	Services     []string            `json:"services"`
	IncusProject string              `json:"incus_project"`
	Shared       bool                `json:"shared,omitempty"`
	Builder      string              `json:"builder,omitempty"`
	Declarations []goldenDeclaration `json:"declarations"`
	Diagnostics  []string            `json:"diagnostics,omitempty"`
}

type goldenDeclaration struct {
	Ref      string          `json:"ref"`
	Position string          `json:"position"`
	Config   json.RawMessage `json:"config"`
	Edges    []string        `json:"edges,omitempty"`
}

func goldenOf(tr *Translation) golden {
	g := golden{
		Name: tr.Name, Services: tr.Services, IncusProject: tr.IncusProject, Shared: tr.Shared, Builder: tr.Builder,
	}
	for _, d := range tr.Declarations {
		out := goldenDeclaration{Ref: d.Ref.String(), Position: d.Position.String(), Config: d.Config}
		for _, e := range d.DependsOn {
			text := string(e.Condition) + " " + e.To.String()
			if e.Optional {
				text += " optional"
			}
			if e.Restart {
				text += " restart"
			}
			out.Edges = append(out.Edges, text)
		}
		g.Declarations = append(g.Declarations, out)
	}
	for _, d := range tr.Diagnostics {
		g.Diagnostics = append(g.Diagnostics, diagnosticText(d))
	}
	return g
}

// diagnosticText writes a diagnostic with its place and hint.
func diagnosticText(d resource.Diagnostic) string {
	text := string(d.Severity) + ": " + d.Text
	if pos := d.Position.String(); pos != "" {
		text = string(d.Severity) + ": " + pos + ": " + d.Text
	}
	if d.Hint != "" {
		text += " [" + d.Hint + "]"
	}
	return text
}

func TestTranslate(t *testing.T) {
	t.Parallel()
	cases, err := filepath.Glob("testdata/*/compose.yaml")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no golden cases: %v", err)
	}
	for _, file := range cases {
		dir := filepath.Dir(file)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			checkGolden(t, dir)
		})
	}
}

func checkGolden(t *testing.T, dir string) {
	t.Helper()
	abs, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Load(context.Background(), LoadOptions{WorkingDir: abs, Environment: []string{"FROM_SHELL=shell value"}})
	if err != nil {
		t.Fatalf("Load: %v\nhint: %s", err, resource.Hint(err))
	}
	tr, err := Translate(p, TranslateOptions{})
	if err != nil {
		t.Fatalf("Translate: %v", err)
	}
	got, err := json.MarshalIndent(goldenOf(tr), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = bytes.ReplaceAll(got, []byte(abs), []byte("/DIR"))
	got = append(bytes.ReplaceAll(got, []byte(filepath.Dir(abs)), []byte("/PARENT")), '\n')
	compareGolden(t, filepath.Join(dir, "declarations.golden.json"), got)
}

// compareGolden compares got with a golden file, or rewrites it with -update.
func compareGolden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; run go test ./core/compose -update and read the result", err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
