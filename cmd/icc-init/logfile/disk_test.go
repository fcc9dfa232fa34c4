package logfile_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/icc-project/icc/cmd/icc-init/logfile"
	"github.com/icc-project/icc/sdk/initspec"
)

// smallDisk is a file system of its own; it needs root.
func smallDisk(t *testing.T, bytes int) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+strconv.Itoa(bytes)); err != nil {
		t.Skipf("mounting a small disk: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

func TestAFullDiskNeitherBlocksNorCrashesAndIsTold(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, 3<<20)
	ballast := filepath.Join(disk, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 2<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(disk, "log")
	w := open(t, dir, initspec.Log{})
	out := w.Stream(initspec.Stdout)
	line := strings.Repeat("z", 80)
	const lines = 200_000
	var slowest time.Duration
	for i := range lines {
		start := time.Now()
		fmt.Fprintf(out, "%07d %s\n", i, line)
		slowest = max(slowest, time.Since(start))
	}
	if slowest > time.Second {
		t.Errorf("a line took %v", slowest)
	}
	if err := os.Truncate(ballast, 0); err != nil {
		t.Fatal(err)
	}
	// There is 3 MB now for what was kept and then it is full again; make that room too.
	for first := initspec.SegmentName(1); ; time.Sleep(10 * time.Millisecond) {
		if data, err := os.ReadFile(filepath.Join(dir, first)); err == nil && bytes.Contains(data, []byte("were dropped")) {
			break
		}
		if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT, "size=20000000"); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Fprintln(out, "and on it goes")
	shut(t, w)

	all := entries(t, dir)
	want, noted := 0, 0
	for _, entry := range all {
		if m := regexp.MustCompile(`^\[icc-init: (\d+) lines were dropped: no space left on device\]$`).FindSubmatch(entry.Text); m != nil && entry.Stream == initspec.Stderr {
			n, _ := strconv.Atoi(string(m[1]))
			noted += n
			want += n
			continue
		}
		if string(entry.Text) == "and on it goes" {
			continue
		}
		if got, _, _ := strings.Cut(string(entry.Text), " "); got != fmt.Sprintf("%07d", want) || len(entry.Text) != 88 {
			t.Fatalf("%q comes where line %d was to be", entry.Text, want)
		}
		want++
	}
	if want != lines || noted == 0 || noted == lines {
		t.Errorf("%d lines are accounted for, %d of them as dropped; there were %d", want, noted, lines)
	}
	if last := all[len(all)-1]; string(last.Text) != "and on it goes" {
		t.Errorf("the last entry is %q", last.Text)
	}
}

func TestADiskThatStaysFullDoesNotHoldUpTheEnd(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, 64<<10)
	w := open(t, filepath.Join(disk, "log"), initspec.Log{})
	fmt.Fprintln(w.Stream(initspec.Stdout), strings.Repeat("z", 200<<10))
	time.Sleep(50 * time.Millisecond)
	start := time.Now()
	if err := w.Close(); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("Close says %v", err)
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("Close took %v", took)
	}
}

func TestALogGoesOnWhenItsDirectoryIsReplaced(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "log")
	w := open(t, dir, initspec.Log{})
	out := w.Stream(initspec.Stdout)
	fmt.Fprintln(out, "before")
	eventually(t, "the first line", func() bool { return len(segments(t, dir)) == 1 && len(entries(t, dir)) == 1 })
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(out, "after")
	shut(t, w)
	if got := text(entries(t, dir), initspec.Stdout); got != "after\n" {
		t.Errorf("the log has %q", got)
	}
	if names := segments(t, dir); !slices.Equal(names, []string{initspec.SegmentName(2)}) {
		t.Errorf("the files are %v", names)
	}
}

func TestADirectoryThatCannotBeMadeIsAnError(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if w, err := logfile.Open(filepath.Join(file, "log"), initspec.Log{}); err == nil {
		t.Errorf("got %v", w)
	}
}

func BenchmarkLines(b *testing.B) {
	for _, length := range []int{1, 50, 100, 1000} {
		b.Run(strconv.Itoa(length), func(b *testing.B) {
			dir := b.TempDir()
			w := open(b, dir, initspec.Log{})
			chunk := bytes.Repeat(append(bytes.Repeat([]byte{'y'}, length), '\n'), (32<<10)/(length+1))
			var out io.Writer = w.Stream(initspec.Stdout)
			b.SetBytes(int64(len(chunk)))
			for b.Loop() {
				out.Write(chunk)
			}
			shut(b, w)
			for _, entry := range entries(b, dir) {
				if bytes.Contains(entry.Text, []byte("dropped")) {
					b.Errorf("%s", entry.Text)
				}
			}
		})
	}
}
