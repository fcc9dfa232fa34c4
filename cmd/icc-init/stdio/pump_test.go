package stdio_test

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/icc-project/icc/cmd/icc-init/attach"
	"github.com/icc-project/icc/cmd/icc-init/stdio"
)

// record is a log that keeps everything in its order.
type record struct {
	mu   sync.Mutex
	text strings.Builder
	size int
}

func (r *record) Stream(string) io.Writer { return r }

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.size += len(p)
	if r.size < 1<<20 {
		r.text.Write(p)
	}
	return len(p), nil
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// connect returns the process' sides of streams that are copied to the record.
func connect(t *testing.T, tty bool) (process [3]*os.File, log *record, c *stdio.Connection) {
	t.Helper()
	process, ends, err := stdio.Open(tty, false)
	if err != nil {
		t.Fatal(err)
	}
	log = &record{}
	return process, log, stdio.Connect(ends, log, attach.NewHub())
}

// untilRead waits until the pipe is empty.
func untilRead(t *testing.T, f *os.File) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Microsecond) {
		n := int32(0)
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), 0x541b, uintptr(unsafe.Pointer(&n))); errno != 0 {
			t.Fatal(errno)
		}
		if n == 0 {
			return
		}
	}
	t.Fatal("nobody reads")
}

func TestStreamsKeepTheirOrderAsFarAsItCanBeKnown(t *testing.T) {
	t.Parallel()
	const runs = 200
	process, log, c := connect(t, false)
	var want strings.Builder
	say := func(f *os.File, line string) {
		if _, err := f.WriteString(line); err != nil {
			t.Fatal(err)
		}
		want.WriteString(line)
	}
	for i := range runs {
		say(process[1], fmt.Sprintf("%d line\n", i)) // at once the one after the other
		say(process[2], fmt.Sprintf("%d oops\n", i))
		untilRead(t, process[2])
		untilRead(t, process[1])
		say(process[2], fmt.Sprintf("%d first oops\n", i)) // with a pause in between
		untilRead(t, process[2])
		say(process[1], fmt.Sprintf("%d then a line\n", i))
		untilRead(t, process[1])
	}
	stdio.CloseAll(process)
	c.End(time.Minute)
	if got := log.String(); got != want.String() {
		gotLines, wantLines := strings.Split(got, "\n"), strings.Split(want.String(), "\n")
		wrong := 0
		for i := range min(len(gotLines), len(wantLines)) {
			if gotLines[i] != wantLines[i] {
				wrong++
			}
		}
		t.Errorf("%d of %d lines are out of order, or missing (%d lines)", wrong, len(wantLines), len(gotLines))
	}
}

func TestALineOfStdoutNeverComesAfterALaterOneOfStderr(t *testing.T) {
	t.Parallel()
	const runs = 20000 // without a pause, so that the writer overtakes the reader in all ways
	process, log, c := connect(t, false)
	for i := range runs {
		_, _ = fmt.Fprintf(process[1], "o%d\n", i)
		_, _ = fmt.Fprintf(process[2], "e%d\n", i)
	}
	stdio.CloseAll(process)
	c.End(time.Minute)
	lines := strings.Split(strings.TrimSuffix(log.String(), "\n"), "\n")
	out := -1
	for _, line := range lines {
		var n int
		if _, err := fmt.Sscanf(line[1:], "%d", &n); err != nil {
			t.Fatal(err)
		}
		if line[0] == 'o' {
			out = n
		} else if n > out {
			t.Fatalf("e%d comes before o%d", n, n)
		}
	}
	if len(lines) != 2*runs {
		t.Errorf("there are %d lines", len(lines))
	}
}

// untilHandedOver waits until what a terminal's process has written can be read on our side, or has been.
func untilHandedOver(t *testing.T, terminal *os.File, log *record) {
	t.Helper()
	raw, err := terminal.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Microsecond) {
		n := int32(0)
		if err := raw.Control(func(fd uintptr) {
			_, _, _ = syscall.Syscall(syscall.SYS_IOCTL, fd, 0x541b, uintptr(unsafe.Pointer(&n)))
		}); err != nil {
			t.Fatal(err)
		}
		if n > 0 || log.String() != "" {
			return
		}
	}
	t.Fatal("it is not handed over")
}

func TestAnEndIsNotHeldUpByWhoKeepsAStreamOpen(t *testing.T) {
	t.Parallel()
	for _, tty := range []bool{false, true} {
		process, ends, err := stdio.Open(tty, false)
		if err != nil {
			t.Fatal(err)
		}
		log := &record{}
		c := stdio.Connect(ends, log, attach.NewHub())
		_, _ = process[1].WriteString("last words")
		if tty { // which the kernel hands over by and by
			untilHandedOver(t, ends.Terminal, log)
		}
		c.End(0) // takes what is unread, and never ends when it waits for the stream
		if log.String() != "last words" {
			t.Errorf("tty %v: %q was logged", tty, log)
		}
		stdio.CloseAll(process)
	}
}

func TestATerminalEndsWithItsLastProcess(t *testing.T) {
	t.Parallel()
	process, log, c := connect(t, true)
	_, _ = process[1].WriteString("words\n")
	stdio.CloseAll(process)
	select {
	case <-c.Done():
	case <-time.After(time.Minute):
		t.Error("it goes on")
	}
	if log.String() != "words\r\n" {
		t.Errorf("got %q", log)
	}
	c.End(time.Second)
}

func BenchmarkBothPipes(b *testing.B) {
	process, ends, err := stdio.Open(false, false)
	if err != nil {
		b.Fatal(err)
	}
	c := stdio.Connect(ends, &record{}, attach.NewHub())
	block := []byte(strings.Repeat(strings.Repeat("x", 99)+"\n", 80))
	b.SetBytes(int64(2 * len(block)))
	var all sync.WaitGroup
	for _, f := range process[1:] {
		all.Go(func() {
			for range b.N {
				_, _ = f.Write(block)
			}
		})
	}
	all.Wait()
	stdio.CloseAll(process)
	c.End(time.Minute)
}
