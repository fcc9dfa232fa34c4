package logfile_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
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

// onSmallDisk runs the test with a directory on a file system of its own. Only root can mount one: for others the test
// runs again as the root of a user namespace.
func onSmallDisk(t *testing.T, bytes int, test func(t *testing.T, disk string)) {
	t.Helper()
	if os.Geteuid() != 0 {
		again := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		again.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
			UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
		}
		if out, err := again.CombinedOutput(); err != nil {
			t.Errorf("as root of a user namespace: %v\n%s", err, out)
		}
		return
	}
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size="+strconv.Itoa(bytes)); err != nil {
		t.Fatal(err)
	}
	defer syscall.Unmount(disk, syscall.MNT_DETACH)
	test(t, disk)
}

func TestAFullDiskNeitherBlocksNorCrashesAndIsTold(t *testing.T) {
	t.Parallel()
	onSmallDisk(t, 3<<20, fillDisk)
}

func fillDisk(t *testing.T, disk string) {
	ballast := filepath.Join(disk, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 2<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(disk, "log")
	w := open(t, dir, initspec.Log{})
	out := w.Stream(initspec.Stdout)
	line := strings.Repeat("z", 80)
	const lines = 200_000
	for i := range lines { // for hours, when each waits for the disk
		fmt.Fprintf(out, "%07d %s", i, line[:40]) // also half lines are dropped
		fmt.Fprintf(out, "%s\n", line[40:])
	}
	if err := os.Truncate(ballast, 0); err != nil {
		t.Fatal(err)
	}
	// There is 3 MB now for what was kept and then it is full again; make that room too. What is written after all that is kept.
	written, kept := lines, regexp.MustCompile(`02\d{5} z`)
	for ; !holds(t, dir, kept); time.Sleep(10 * time.Millisecond) {
		if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT, "size=20000000"); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(out, "%07d %s\n", written, line)
		written++
	}
	fmt.Fprintln(out, "and on it goes")
	shut(t, w)

	all := entries(t, dir)
	want, noted, begun := 0, 0, ""
	for _, entry := range all {
		if entry.Partial { // a busy machine takes longer than it may between the two halves
			begun += string(entry.Text)
			continue
		}
		if begun != "" && len(entry.Text) == 0 { // its second half was dropped, and so the line is counted with those to come
			if got, _, _ := strings.Cut(begun, " "); got != fmt.Sprintf("%07d", want) {
				t.Fatalf("%q is begun where line %d was to be", begun, want)
			}
			begun = ""
			continue
		}
		entry.Text, begun = append([]byte(begun), entry.Text...), ""
		if m := regexp.MustCompile(`^\[icc-init: (\d+) lines were dropped: (?:no space left on device|the disk is too slow)\]$`).FindSubmatch(entry.Text); m != nil && entry.Stream == initspec.Stderr {
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
	if want != written || noted == 0 || noted >= lines {
		t.Errorf("%d lines are accounted for, %d of them as dropped; there were %d", want, noted, written)
	}
	if last := all[len(all)-1]; string(last.Text) != "and on it goes" {
		t.Errorf("the last entry is %q", last.Text)
	}
}

// holds says whether the pattern is anywhere in the log.
func holds(t *testing.T, dir string, pattern *regexp.Regexp) bool {
	t.Helper()
	for _, name := range segments(t, dir) {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if pattern.Match(data) {
			return true
		}
	}
	return false
}

func TestADiskThatStaysFullDoesNotHoldUpTheEnd(t *testing.T) {
	t.Parallel()
	onSmallDisk(t, 64<<10, endOnFullDisk)
}

func endOnFullDisk(t *testing.T, disk string) {
	w := open(t, filepath.Join(disk, "log"), initspec.Log{})
	fmt.Fprintln(w.Stream(initspec.Stdout), strings.Repeat("z", 200<<10))
	time.Sleep(50 * time.Millisecond)
	// Who goes on trying never ends.
	if err := ending(w); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("Close says %v", err)
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
