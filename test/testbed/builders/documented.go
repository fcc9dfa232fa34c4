package builders

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk/kinds"
)

// Documented checks that docs/builders.md says in a column of its table what a tool does not honour: "no" in the rows of
// those attributes and "yes" in all others, or either followed by a remark.
func Documented(t *testing.T, column string, unsupported []string) {
	t.Helper()
	_, file, _, _ := runtime.Caller(0)
	text, err := os.ReadFile(filepath.Join(filepath.Dir(file), "../../../docs/builders.md"))
	if err != nil {
		t.Fatal(err)
	}
	cells := columnOf(string(text), column)
	if len(cells) == 0 {
		t.Fatalf("docs/builders.md has no column %q", column)
	}
	for _, attribute := range attributes() {
		want := "yes"
		if slices.Contains(unsupported, attribute) {
			want = "no"
		}
		if got, _, _ := strings.Cut(cells[attribute], ","); got != want {
			t.Errorf("docs/builders.md says %q of %s in the column %q, want %q", got, attribute, column, want)
		}
		delete(cells, attribute)
	}
	for left := range maps.Keys(cells) {
		t.Errorf("docs/builders.md has a row for %q, which is no attribute of build", left)
	}
}

// attributes returns the names of all attributes of Compose's build section.
func attributes() []string {
	var names []string
	of := reflect.TypeFor[kinds.BuildConfig]()
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

// columnOf returns the cells of a column of a Markdown table by what the row's first cell has between back-ticks.
func columnOf(text, column string) map[string]string {
	cells := map[string]string{}
	at := -1
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "|") {
			at = -1 // another table
			continue
		}
		row := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		if i := slices.Index(row, column); i > 0 {
			at = i
		}
		if at > 0 && at < len(row) && strings.HasPrefix(row[0], "`") {
			cells[strings.Trim(row[0], "`")] = row[at]
		}
	}
	return cells
}
