package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestCheckedRemembersTheLatest(t *testing.T) {
	t.Parallel()
	c := checked{dir: filepath.Join(t.TempDir(), "icc", "checked")}
	if c.Passed("0") {
		t.Error("it remembers what it has never seen")
	}
	for i := range maxChecked + 1 {
		sum := fmt.Sprint(i)
		c.Pass(sum)
		at := time.Now().Add(time.Duration(i-maxChecked-1) * time.Minute)
		if err := os.Chtimes(filepath.Join(c.dir, sum), at, at); err != nil {
			t.Fatal(err)
		}
	}
	if c.Passed("0") || !c.Passed("1") || !c.Passed(fmt.Sprint(maxChecked)) {
		t.Error("of one too many, not the oldest was forgotten")
	}
}

func TestCheckedBearsAnUnusableDirectory(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := checked{dir: filepath.Join(file, "checked")}
	c.Pass("1")
	if c.Passed("1") {
		t.Error("it remembers without a place to do so")
	}
}
