package logfile_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/icc-project/icc/cmd/icc-init/logfile"
	"github.com/icc-project/icc/sdk/initspec"
)

// entries reads the log as the plugin does.
func entries(t fatal, dir string) []initspec.Entry {
	t.Helper()
	var all []initspec.Entry
	for _, name := range segments(t, dir) {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(data) {
			text, ended := bytes.CutSuffix(line, []byte{'\n'})
			entry, err := initspec.ParseEntry(text)
			if err != nil || !ended {
				t.Fatalf("%s: %q (ended: %v): %v", name, line, ended, err)
			}
			all = append(all, entry)
		}
	}
	return all
}

func segments(t fatal, dir string) []string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		names = append(names, file.Name())
	}
	slices.Sort(names)
	return names
}

type fatal interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// text gives back what a stream has written.
func text(all []initspec.Entry, stream string) string {
	var b strings.Builder
	for _, entry := range all {
		if entry.Stream == stream {
			b.Write(entry.Text)
			if !entry.Partial {
				b.WriteByte('\n')
			}
		}
	}
	return b.String()
}

func open(t fatal, dir string, limits initspec.Log) *logfile.Writer {
	t.Helper()
	w, err := logfile.Open(dir, limits)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func shut(t fatal, w *logfile.Writer) {
	t.Helper()
	if err := ending(w); err != nil {
		t.Fatal(err)
	}
}

// ending closes the log. It waits longer than the log does, for a machine that is busy with other tests.
func ending(w *logfile.Writer) error {
	err := w.Close()
	for end := time.Now().Add(time.Minute); err != nil && strings.Contains(err.Error(), "too slow") && time.Now().Before(end); {
		err = w.Close()
	}
	return err
}

// eventually waits for what another goroutine is to bring about.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within a minute", what)
		}
	}
}

func TestWhateverTheChunksTheEntriesGiveBackTheBytes(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		dir := filepath.Join(base, fmt.Sprint(run))
		limits := initspec.Log{MaxSize: rapid.SampledFrom([]int64{1, 100, 5000, 0}).Draw(t, "size"), MaxFiles: 1 << 20}
		chunk := rapid.OneOf(
			rapid.StringMatching(`[ab\n]{0,20}`),
			rapid.Map(rapid.IntRange(16<<10-2, 16<<10+2), func(n int) string { return strings.Repeat("x", n) }),
			rapid.Just("\n"),
			rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 100), func(b []byte) string { return string(b) }),
		)
		want := map[string]string{}
		for range rapid.IntRange(1, 3).Draw(t, "runs of the container") {
			w := open(t, dir, limits)
			out := map[string]interface{ Write([]byte) (int, error) }{}
			for _, name := range []string{initspec.Stdout, initspec.Stderr} {
				out[name] = w.Stream(name)
			}
			silent := true
			for range rapid.IntRange(0, 20).Draw(t, "chunks") {
				name := rapid.SampledFrom([]string{initspec.Stdout, initspec.Stderr}).Draw(t, "stream")
				p := chunk.Draw(t, "chunk")
				for name, s := range want { // a run ends the lines of the run before when it has something to say
					if silent && p != "" && s != "" && !strings.HasSuffix(s, "\n") {
						want[name] += "\n"
					}
				}
				silent = silent && p == ""
				if n, err := out[name].Write([]byte(p)); n != len(p) || err != nil {
					t.Fatalf("Write: %d, %v", n, err)
				}
				want[name] += p
			}
			shut(t, w)
		}
		if want[initspec.Stdout]+want[initspec.Stderr] == "" {
			return
		}
		all := entries(t, dir)
		for name, want := range want {
			if diff := cmp.Diff(want, text(all, name)); diff != "" {
				t.Fatalf("%s (-want +got):\n%s", name, diff)
			}
		}
		if !slices.IsSortedFunc(all, func(a, b initspec.Entry) int { return a.Time.Compare(b.Time) }) {
			t.Fatal("the entries are not in the order of time")
		}
		for _, entry := range all {
			if len(entry.Text) > 16<<10 {
				t.Fatalf("an entry of %d bytes", len(entry.Text))
			}
		}
	})
}

func TestRotationKeepsTheNewestBytes(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		dir := filepath.Join(base, fmt.Sprint(run))
		size, files := rapid.Int64Range(1, 2000).Draw(t, "size"), rapid.IntRange(1, 4).Draw(t, "files")
		var want strings.Builder
		for range rapid.IntRange(1, 3).Draw(t, "runs of the container") {
			w := open(t, dir, initspec.Log{MaxSize: size, MaxFiles: files})
			out := w.Stream(initspec.Stdout)
			for range rapid.IntRange(1, 30).Draw(t, "lines") {
				line := fmt.Sprintf("%d %s\n", want.Len(), strings.Repeat("y", rapid.IntRange(0, 300).Draw(t, "length")))
				want.WriteString(line)
				out.Write([]byte(line))
			}
			shut(t, w)
		}
		got := text(entries(t, dir), initspec.Stdout)
		if got == "" || !strings.HasSuffix(want.String(), got) {
			t.Fatalf("the log has %q", got)
		}
		names := segments(t, dir)
		if len(names) > files {
			t.Fatalf("there are %d files, not %d", len(names), files)
		}
		if len(names) < files && got != want.String() {
			t.Fatal("lines were lost while there was room")
		}
		for i, name := range names {
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil || int64(len(data)) > size && bytes.Count(data, []byte{'\n'}) > 1 {
				t.Fatalf("%s has %d bytes, %v", name, len(data), err)
			}
			if n, ok := initspec.SegmentNumber(name); !ok || i > 0 && initspec.SegmentName(n-1) != names[i-1] {
				t.Fatalf("the files are %v", names)
			}
		}
	})
}

func TestALineIsSoonInTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir, initspec.Log{})
	defer w.Close()
	out := w.Stream(initspec.Stdout)
	for i := range 20 { // each while the log is open and nothing follows
		line := fmt.Sprintf("line %d\n", i)
		fmt.Fprint(out, line)
		eventually(t, line, func() bool { return strings.HasSuffix(text(entries(t, dir), initspec.Stdout), line) })
	}
}

func TestAPromptIsShownAndEndedLater(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir, initspec.Log{})
	out := w.Stream(initspec.Stdout)
	fmt.Fprint(out, "password: ")
	eventually(t, "the prompt", func() bool { return len(segments(t, dir)) > 0 && len(entries(t, dir)) == 1 })
	if entry := entries(t, dir)[0]; !entry.Partial || string(entry.Text) != "password: " {
		t.Errorf("the prompt is %+v", entry)
	}
	fmt.Fprint(out, "\nwelcome\n")
	shut(t, w)
	if got := text(entries(t, dir), initspec.Stdout); got != "password: \nwelcome\n" {
		t.Errorf("the log has %q", got)
	}
}

func TestARestartOfTheCommandEndsItsLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir, initspec.Log{})
	fmt.Fprint(w.Stream(initspec.Stdout), "half a l")
	fmt.Fprint(w.Stream(initspec.Stdout), "again\n")
	shut(t, w)
	if got := text(entries(t, dir), initspec.Stdout); got != "half a l\nagain\n" {
		t.Errorf("the log has %q", got)
	}
}

func TestACrashLeavesALogThatCanGoOn(t *testing.T) {
	t.Parallel()
	const whole = "2026-11-22T18:00:00.000000000Z stdout F one\n"
	tests := map[string]string{
		"within the time": whole + "2026-11-22T18:0",
		"within the text": whole + "2026-11-22T18:00:00.000000001Z stdout F tw",
		"within a part":   whole + "2026-11-22T18:00:00.000000001Z stdout P tw",
		"after a part":    whole + "2026-11-22T18:00:00.000000001Z stdout P tw\n",
	}
	for name, damaged := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, initspec.SegmentName(7))
			if err := os.WriteFile(path, []byte(damaged), 0o600); err != nil {
				t.Fatal(err)
			}
			w := open(t, dir, initspec.Log{})
			fmt.Fprintln(w.Stream(initspec.Stdout), "three")
			shut(t, w)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var lines []string
			partial := false
			for line := range strings.Lines(string(data)) {
				if entry, err := initspec.ParseEntry([]byte(strings.TrimSuffix(line, "\n"))); err == nil {
					if partial {
						lines[len(lines)-1] += string(entry.Text)
					} else {
						lines = append(lines, string(entry.Text))
					}
					partial = entry.Partial
				}
			}
			if len(lines) < 2 || lines[0] != "one" || lines[len(lines)-1] != "three" {
				t.Errorf("the lines are %q", lines)
			}
		})
	}
}

func TestADisabledLogWritesNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "log")
	w := open(t, dir, initspec.Log{Disabled: true})
	fmt.Fprintln(w.Stream(initspec.Stdout), "hello")
	shut(t, w)
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("there is a log: %v", err)
	}
}
