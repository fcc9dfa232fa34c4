package rules

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// maxLines is how long a file may be. Most have 60 to 250 lines.
const maxLines = 400

var packageComment = regexp.MustCompile(`(?m)^// (Package|Command) (.*\n//)*.*\npackage `)

func TestNoFileIsTooLong(t *testing.T) {
	t.Parallel()
	for _, path := range sources(t) {
		if lines := strings.Count(read(t, path), "\n"); lines > maxLines {
			t.Errorf("%s has %d lines, more than %d: give its second concept a file of its own", short(t, path), lines, maxLines)
		}
	}
}

func TestEveryPackageSaysWhatItDoes(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if strings.HasPrefix(p.path(), "sdk/proto/") {
			continue // generated; the comments are in the .proto files
		}
		if !slices.Contains(p.GoFiles, "doc.go") {
			t.Errorf("%s has no doc.go: say what this room does, and what it refuses to do", p.path())
			continue
		}
		text := read(t, filepath.Join(p.Dir, "doc.go"))
		if !packageComment.MatchString(text) {
			t.Errorf("%s/doc.go has no package comment", p.path())
		}
	}
}

func TestNoPackageIsNamedAfterNothing(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, name := range append(strings.Split(p.path(), "/"), p.GoFiles...) {
			switch strings.TrimSuffix(name, ".go") {
			case "util", "utils", "helper", "helpers", "common", "misc", "shared":
				t.Errorf("%s/%s: name it by the concept it holds", p.path(), name)
			}
		}
	}
}

// short returns a path relative to the repository.
func short(t *testing.T, path string) string {
	t.Helper()
	base, err := filepath.Abs(root())
	if err != nil {
		t.Fatal(err)
	}
	relative, err := filepath.Rel(base, path)
	if err != nil {
		t.Fatal(err)
	}
	return relative
}
