package engine

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestDirectoriesOfBuildsGoWithTheirIccAndNoSooner(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	abandoned := filepath.Join(parent, buildPrefix+"1")
	foreign := filepath.Join(parent, "somebody-elses")
	for _, dir := range []string{filepath.Join(abandoned, "work-1"), foreign} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	first, done, err := makeBuildDir(parent)
	if err != nil {
		t.Fatal(err)
	}
	second, doneSecond, err := makeBuildDir(parent)
	if err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]bool{abandoned: false, foreign: true, first: true, second: true} {
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) == want {
			t.Errorf("%s: %v, want that it is there: %t", dir, err, want)
		}
	}
	done()
	doneSecond()
	if left, err := os.ReadDir(parent); err != nil || len(left) != 1 {
		t.Errorf("afterwards there are %v, %v", left, err)
	}
}
