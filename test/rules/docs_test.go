package rules

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	link       = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	makeTarget = regexp.MustCompile("(?m)(?:`|^)make ([a-z][a-z-]*)")
	target     = regexp.MustCompile(`(?m)^([a-z][a-z-]*):`)
)

// documents returns the paths of all Markdown files of the repository.
func documents(t *testing.T) []string {
	t.Helper()
	var paths []string
	err := filepath.WalkDir(root(), func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "bin"):
			return filepath.SkipDir
		case strings.HasSuffix(path, ".md"):
			paths = append(paths, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func TestDocumentsLinkToWhatIsThere(t *testing.T) {
	t.Parallel()
	for _, path := range documents(t) {
		for _, missing := range brokenLinks(path, read(t, path)) {
			t.Errorf("%s links to %s, which is not there", path, missing)
		}
	}
}

// brokenLinks returns the links to files of the repository that do not exist.
func brokenLinks(path, text string) []string {
	var broken []string
	for _, m := range link.FindAllStringSubmatch(text, -1) {
		file, _, _ := strings.Cut(m[1], "#")
		if file == "" || strings.Contains(file, ":") {
			continue // a place in the same document, or somebody else's
		}
		if _, err := os.Stat(filepath.Join(filepath.Dir(path), file)); err != nil {
			broken = append(broken, m[1])
		}
	}
	return broken
}

func TestDocumentsNameTargetsThatMakeHas(t *testing.T) {
	t.Parallel()
	makefile := read(t, filepath.Join(root(), "Makefile"))
	for _, path := range documents(t) {
		for _, missing := range unknownTargets(makefile, read(t, path)) {
			t.Errorf("%s speaks of `make %s`, which the Makefile does not have", path, missing)
		}
	}
}

// unknownTargets returns the targets that a text tells to make and that a Makefile does not have.
func unknownTargets(makefile, text string) []string {
	known := map[string]bool{}
	for _, m := range target.FindAllStringSubmatch(makefile, -1) {
		known[m[1]] = true
	}
	var unknown []string
	for _, m := range makeTarget.FindAllStringSubmatch(text, -1) {
		if !known[m[1]] {
			unknown = append(unknown, m[1])
		}
	}
	return unknown
}

func TestTheDocumentRulesCatchWhatIsMissing(t *testing.T) {
	t.Parallel()
	text := "[here](doc.go#x), [there](nowhere.md), [site](https://example.org), [above](#top)\n`make demo`, `make coffee`\nmake test\nto make believe"
	if got := brokenLinks("rules.md", text); len(got) != 1 || got[0] != "nowhere.md" {
		t.Errorf("broken links: %q", got)
	}
	if got := unknownTargets("demo: build ## Show\ntest:\n", text); len(got) != 1 || got[0] != "coffee" {
		t.Errorf("unknown targets: %q", got)
	}
}
