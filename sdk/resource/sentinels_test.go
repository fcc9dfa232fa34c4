package resource_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/resource"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// declaredSentinels reads the package's source: the code of every variable that is made by sentinel(…).
func declaredSentinels(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]string{} // by variable name
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			for i, value := range spec.Values {
				if code, ok := sentinelCode(value); ok {
					codes[spec.Names[i].Name] = code
				}
			}
			return true
		})
	}
	return codes
}

// sentinelCode returns the first argument of a call of sentinel.
func sentinelCode(value ast.Expr) (string, bool) {
	call, ok := value.(*ast.CallExpr)
	if !ok {
		return "", false
	}
	if f, ok := call.Fun.(*ast.Ident); !ok || f.Name != "sentinel" {
		return "", false
	}
	literal, ok := call.Args[0].(*ast.BasicLit)
	if !ok {
		return "", false
	}
	code, err := strconv.Unquote(literal.Value)
	return code, err == nil
}

func TestEverySentinelCanBeDecoded(t *testing.T) {
	t.Parallel()
	known := resource.Sentinels()
	seen := map[string]string{}
	for name, code := range declaredSentinels(t) {
		if other, ok := seen[code]; ok {
			t.Errorf("%s and %s have the same code %q", name, other, code)
		}
		seen[code] = name
		e, ok := known[code]
		if !ok {
			t.Errorf("%s (%q) is missing from Sentinels", name, code)
			continue
		}
		if e.Code != code || e.Text == "" || e.Hint != "" || e.Cause != nil {
			t.Errorf("%s is %+v", name, e)
		}
	}
	if len(seen) != len(known) {
		t.Errorf("%d sentinels are declared, Sentinels has %d", len(seen), len(known))
	}
}

// Codes are part of the protocol: old plugins send them to new hosts and the other way round. Lines may be added to the
// golden file, never changed or removed.
func TestCodesStayTheSame(t *testing.T) {
	t.Parallel()
	var lines []string
	for name, code := range declaredSentinels(t) {
		lines = append(lines, fmt.Sprintf("%s %s\n", code, name))
	}
	slices.Sort(lines)
	got := strings.Join(lines, "")
	golden := filepath.Join("testdata", "codes.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("codes changed (-want +got):\n%s", diff)
	}
}
