package runlog_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/icc-project/icc/plugins/instance/runlog"
	"github.com/icc-project/icc/plugins/instance/runtime/runtimetest"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// following is the model of a log of which only a part was there at first: the last lines of that, and what followed.
func following(all []part, before, tail int) map[resource.Stream]string {
	if tail < 0 {
		return model(all, -1)
	}
	lines := func(parts []part) int {
		n, open := 0, map[string]bool{}
		for _, p := range parts {
			if !open[p.stream] {
				n++
			}
			open[p.stream] = p.partial
		}
		return n
	}
	return model(all, min(tail, lines(all[:before]))+lines(all)-lines(all[:before]))
}

func waitFor(text func() string, want map[resource.Stream]string) {
	length := len(want[resource.Stdout]) + len(want[resource.Stderr])
	for until := time.Now().Add(time.Minute); len(text()) < length && time.Now().Before(until); {
		time.Sleep(time.Millisecond)
	}
}

func TestAFollowerLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	volumes := runtimetest.New(t, root)
	w := newWriter(t, filepath.Join(root, "log"))
	var got memory
	stopped := make(chan bool)
	log := runlog.Log{Volume: volumes.Open(t.Context(), "p", "v"), Dir: "log", Tail: -1, Follow: true, Sink: &got,
		Stopped: func(context.Context) (bool, error) {
			select {
			case <-stopped:
				return true, nil
			default:
				return false, nil
			}
		}}
	done := make(chan error)
	go func() { done <- log.Write(t.Context()) }()
	const lines = 20000
	var want strings.Builder
	for i := range lines {
		text := fmt.Sprintf("line %d", i)
		want.WriteString(text + "\n")
		line := initspec.AppendEntry(nil, initspec.Entry{Time: w.clock, Stream: initspec.Stdout, Text: []byte(text)})
		cut := i % (len(line) + 1)
		w.raw(line[:cut]) // the follower may look between the two
		w.raw(line[cut:])
		switch {
		case i%300 == 299:
			w.rotate()
		case i%5000 == 4321:
			volumes.Break()
		}
	}
	close(stopped)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got.text() != want.String() || len(got.notices) > 0 {
		t.Errorf("got %d lines, %v; want %d", strings.Count(got.text(), "\n"), got.notices, lines)
	}
}

func TestRotationThatOvertakesTheReaderIsSaid(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	w := newWriter(t, filepath.Join(root, "log"))
	w.keep = 2
	w.entry(initspec.Stdout, false, "first")
	var got memory
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	log := runlog.Log{Volume: open(t, root), Dir: "log", Tail: -1, Follow: true, Sink: &got,
		Stopped: func(context.Context) (bool, error) { return false, nil }}
	done := make(chan error)
	go func() { done <- log.Write(ctx) }()
	waitFor(got.text, map[resource.Stream]string{resource.Stdout: "first\n"})
	hold := filepath.Join(root, "log")
	if err := os.Rename(hold, hold+".hidden"); err != nil { // so that the reader sees all of it at once
		t.Fatal(err)
	}
	w.dir = hold + ".hidden"
	for i := range 5 {
		w.rotate()
		w.entry(initspec.Stdout, false, fmt.Sprintf("line %d", i))
	}
	if err := os.Rename(hold+".hidden", hold); err != nil {
		t.Fatal(err)
	}
	want := "first\nline 3\nline 4\n"
	waitFor(got.text, map[resource.Stream]string{resource.Stdout: want})
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got.text() != want || !slices.Equal(got.notices, []string{"[… lines were dropped by rotation]"}) {
		t.Errorf("got %q, %q", got.text(), got.notices)
	}
}

func TestALogThatIsBegunAnewIsFollowed(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir := filepath.Join(root, "log")
	newWriter(t, dir).entry(initspec.Stdout, false, "of the first instance")
	var got memory
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	log := runlog.Log{Volume: open(t, root), Dir: "log", Tail: -1, Follow: true, Sink: &got,
		Stopped: func(context.Context) (bool, error) { return false, nil }}
	done := make(chan error)
	go func() { done <- log.Write(ctx) }()
	waitFor(got.text, map[resource.Stream]string{resource.Stdout: "of the first instance\n"})
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	newWriter(t, dir).entry(initspec.Stdout, false, "of the second")
	want := "of the first instance\nof the second\n"
	waitFor(got.text, map[resource.Stream]string{resource.Stdout: want})
	stop()
	if err := <-done; err != nil || got.text() != want || len(got.notices) > 0 {
		t.Errorf("got %q, %v, %v", got.text(), got.notices, err)
	}
}

func TestTheLastLinesOfAnErrorHaveStderrAmongThem(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	w := newWriter(t, filepath.Join(root, "log"))
	for i := range 7 {
		w.entry(initspec.Stderr, false, fmt.Sprintf("failed %d", i))
	}
	for i := range 20 {
		w.entry(initspec.Stdout, false, fmt.Sprintf("step %d", i))
	}
	got, err := runlog.Last(t.Context(), open(t, root), "log", time.Time{}, 4)
	if want := "failed 5\nfailed 6\nstep 18\nstep 19\n"; err != nil || string(got) != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}
