package logfile_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/initspec"
)

func TestALogThatIsSwitchedOffAndOnHasWholeLinesOfItsTimesOnly(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]bool{"on at first": false, "off at first": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "log")
			w := open(t, dir, initspec.Log{Disabled: first})
			out := w.Stream(initspec.Stdout)
			io.WriteString(out, "one\nhalf of")
			w.SetLimits(initspec.Log{Disabled: true})
			io.WriteString(out, " a line\ntwo\nthe beginning of one that is ")
			w.SetLimits(initspec.Log{})
			io.WriteString(out, "lost\nthree\n")
			shut(t, w)
			want := []string{"one", "half of", "", "three"}
			if first {
				want = []string{"three"}
			}
			var got []string
			for _, e := range entries(t, dir) {
				got = append(got, string(e.Text))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNarrowerBoundsCountAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir, initspec.Log{MaxSize: 200, MaxFiles: 5})
	out := w.Stream(initspec.Stdout)
	for n := range 40 {
		fmt.Fprintf(out, "%03d %s\n", n, strings.Repeat("x", 40))
	}
	eventually(t, "all is written", func() bool {
		names := segments(t, dir)
		if len(names) == 0 {
			return false
		}
		data, err := os.ReadFile(filepath.Join(dir, names[len(names)-1])) // which may just be removed
		return err == nil && strings.Contains(string(data), " 039 ") && strings.HasSuffix(string(data), "\n")
	})
	if got := len(segments(t, dir)); got != 5 {
		t.Fatalf("there are %d files", got)
	}
	w.SetLimits(initspec.Log{MaxSize: 400, MaxFiles: 2})
	eventually(t, "two files, with nothing written", func() bool { return len(segments(t, dir)) == 2 })
	for n := range 40 {
		fmt.Fprintf(out, "%03d %s\n", 100+n, strings.Repeat("y", 40))
	}
	shut(t, w)
	if all := entries(t, dir); len(segments(t, dir)) != 2 || !strings.HasPrefix(string(all[len(all)-1].Text), "139 ") {
		t.Errorf("there are the files %v that end with %s", segments(t, dir), all[len(all)-1].Text)
	}
	if most := len(entries(t, dir)); most <= 4 || most > 10 { // of 76 bytes, in two files of 400 instead of 200
		t.Errorf("there are %d lines", most)
	}
}
