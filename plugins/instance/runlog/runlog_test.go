package runlog_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/icc-project/icc/plugins/instance/runlog"
	"github.com/icc-project/icc/plugins/instance/runtime"
	"github.com/icc-project/icc/plugins/instance/runtime/runtimetest"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// memory is a sink that remembers. all has both streams in the order in which they came.
type memory struct {
	resource.Discard
	mu      sync.Mutex
	all     bytes.Buffer
	streams map[resource.Stream]string
	notices []string
}

func (m *memory) Output(stream resource.Stream, data []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.streams == nil {
		m.streams = map[resource.Stream]string{}
	}
	m.streams[stream] += string(data)
	m.all.Write(data)
}

func (m *memory) Notice(level resource.Level, text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if level != resource.LevelDebug {
		m.notices = append(m.notices, text)
	}
}

func (m *memory) text() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.all.String()
}

// writer writes segments as icc-init does.
type writer struct {
	t       interface{ Fatal(...any) }
	dir     string
	segment uint64
	keep    int // segments that are kept; 0 means all
	clock   time.Time
}

func newWriter(t testing.TB, dir string) *writer {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return &writer{t: t, dir: dir, segment: 1, clock: time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)}
}

func (w *writer) raw(data []byte) {
	f, err := os.OpenFile(filepath.Join(w.dir, initspec.SegmentName(w.segment)), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.Write(data)
		_ = f.Close()
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *writer) entry(stream string, partial bool, text string) {
	w.clock = w.clock.Add(time.Second)
	w.raw(initspec.AppendEntry(nil, initspec.Entry{Time: w.clock, Stream: stream, Partial: partial, Text: []byte(text)}))
}

func (w *writer) rotate() {
	w.segment++
	w.raw(nil)
	if w.keep > 0 && w.segment > uint64(w.keep) {
		_ = os.Remove(filepath.Join(w.dir, initspec.SegmentName(w.segment-uint64(w.keep))))
	}
}

func open(t testing.TB, root string) *runtime.Volume {
	return runtimetest.New(t, root).Open(context.Background(), "pool", "volume")
}

func TestALogIsShownAsItWasWritten(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	w := newWriter(t, filepath.Join(root, "log"))
	w.entry(initspec.Stdout, false, "one")
	w.entry(initspec.Stderr, true, "be")
	w.entry(initspec.Stdout, false, "two\r")
	w.rotate()
	w.raw([]byte("what somebody else wrote\n2026 stdout F x\n"))
	w.entry(initspec.Stderr, true, "ca")
	w.entry(initspec.Stderr, false, "use")
	w.entry(initspec.Stdout, false, "")
	w.raw([]byte("2026-11-22T18:00:00.000000000Z stdout F half a li"))
	for _, name := range []string{"0000000009.log.gz", "other"} {
		if err := os.WriteFile(filepath.Join(root, "log", name), []byte("2026-11-22T18:00:00.000000000Z stdout F no segment\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	volume := open(t, root)
	at := func(second int) time.Time { return time.Date(2026, 11, 22, 18, 0, second, 0, time.UTC) }
	for name, tt := range map[string]struct {
		log         runlog.Log
		out, errOut string
	}{
		"all":                 {runlog.Log{Tail: -1}, "one\ntwo\r\n\n", "because\n"},
		"with times":          {runlog.Log{Tail: 2, Timestamps: true}, "2026-11-22T18:00:03.000000000Z two\r\n2026-11-22T18:00:06.000000000Z \n", ""},
		"the last three":      {runlog.Log{Tail: 3}, "two\r\n\n", "because\n"},
		"none":                {runlog.Log{Tail: 0}, "", ""},
		"since":               {runlog.Log{Tail: -1, Since: at(3)}, "two\r\n\n", ""},
		"until":               {runlog.Log{Tail: -1, Until: at(2)}, "one\n", "because\n"},
		"the last until":      {runlog.Log{Tail: 1, Until: at(3)}, "two\r\n", ""},
		"the last two since":  {runlog.Log{Tail: 2, Since: at(4)}, "\n", ""},
		"nothing of that age": {runlog.Log{Tail: -1, Since: at(50)}, "", ""},
	} {
		var got memory
		l := tt.log
		l.Volume, l.Dir, l.Sink = volume, "log", &got
		if err := l.Write(t.Context()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got.streams[resource.Stdout] != tt.out || got.streams[resource.Stderr] != tt.errOut || len(got.notices) > 0 {
			t.Errorf("%s: got %q and %q, %v; want %q and %q", name, got.streams[resource.Stdout], got.streams[resource.Stderr], got.notices, tt.out, tt.errOut)
		}
	}
}

func TestALogThatWasNeverBegunIsEmpty(t *testing.T) {
	t.Parallel()
	var got memory
	for _, tail := range []int{-1, 0, 5} {
		l := runlog.Log{Volume: open(t, t.TempDir()), Dir: "web-1/log", Tail: tail, Since: time.Unix(1, 0), Sink: &got}
		if err := l.Write(t.Context()); err != nil || got.text() != "" {
			t.Errorf("%q, %v", got.text(), err)
		}
	}
}

func TestALinkInPlaceOfTheLogIsRefused(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if err := os.Symlink("/etc", filepath.Join(root, "log")); err != nil {
		t.Fatal(err)
	}
	err := (&runlog.Log{Volume: open(t, root), Dir: "log", Tail: -1, Sink: &memory{}}).Write(t.Context())
	if err == nil || !strings.Contains(err.Error(), "not a directory") {
		t.Errorf("got %v", err)
	}
}

// part is an entry of a generated log.
type part struct {
	stream  string
	partial bool
	text    string
	rotate  bool
}

// model shows the last lines of a log by reading all and cutting. A line begins with its first part.
func model(parts []part, tail int) map[resource.Stream]string {
	type line struct {
		stream string
		text   string
	}
	var lines []*line
	open := map[string]*line{}
	for _, p := range parts {
		l := open[p.stream]
		if l == nil {
			l = &line{stream: p.stream}
			lines = append(lines, l)
		}
		l.text += p.text
		if open[p.stream] = l; !p.partial {
			l.text += "\n"
			open[p.stream] = nil
		}
	}
	if tail >= 0 {
		lines = lines[max(0, len(lines)-tail):]
	}
	out := map[resource.Stream]string{}
	for _, l := range lines {
		out[resource.Stream(l.stream)] += l.text
	}
	return out
}

func TestTheTailIsWhatReadingAllAndCuttingGives(t *testing.T) {
	t.Parallel()
	parts := rapid.Custom(func(t *rapid.T) part {
		text := rapid.StringMatching(`[a-z]{0,5}`).Draw(t, "text")
		if rapid.IntRange(0, 15).Draw(t, "long") == 0 {
			text = strings.Repeat("long ", 10<<10)
		}
		return part{
			stream:  rapid.SampledFrom([]string{initspec.Stdout, initspec.Stdout, initspec.Stderr}).Draw(t, "stream"),
			partial: rapid.IntRange(0, 2).Draw(t, "partial") == 0, text: text,
			rotate: rapid.IntRange(0, 7).Draw(t, "rotate") == 0,
		}
	})
	rapid.Check(t, func(rt *rapid.T) {
		all := rapid.SliceOfN(parts, 0, 60).Draw(rt, "log")
		lines := rapid.IntRange(-1, 20).Draw(rt, "lines")
		follow := rapid.Bool().Draw(rt, "follow")
		before := len(all)
		if follow = follow && lines != 0 && before > 0; follow {
			before = rapid.IntRange(1, len(all)).Draw(rt, "written before")
			all[before-1].partial = false // so that something shows that the follower has begun
		}
		root, err := os.MkdirTemp(t.TempDir(), "log")
		if err != nil {
			rt.Fatal(err)
		}
		w := newWriter(t, filepath.Join(root, "log"))
		put := func(parts []part) {
			for _, p := range parts {
				if w.entry(p.stream, p.partial, p.text); p.rotate {
					w.rotate()
				}
			}
		}
		put(all[:before])
		var got memory
		log := runlog.Log{Volume: open(t, root), Dir: "log", Tail: lines, Sink: &got}
		want := model(all, lines)
		if !follow {
			if err := log.Write(t.Context()); err != nil {
				rt.Fatal(err)
			}
		} else {
			// The lines that are open at the beginning belong to those before it.
			want = following(all, before, lines)
			ctx, stop := context.WithCancel(t.Context())
			log.Follow, log.Stopped = true, func(context.Context) (bool, error) { return false, nil }
			done := make(chan error)
			go func() { done <- log.Write(ctx) }()
			waitFor(got.text, following(all[:before], before, lines))
			put(all[before:])
			waitFor(got.text, want)
			stop()
			if err := <-done; err != nil {
				rt.Fatal(err)
			}
		}
		for _, s := range []resource.Stream{resource.Stdout, resource.Stderr} {
			if got.streams[s] != want[s] {
				rt.Fatalf("%s: got %d bytes %.200q, want %d bytes %.200q", s, len(got.streams[s]), got.streams[s], len(want[s]), want[s])
			}
		}
		if len(got.notices) > 0 {
			rt.Fatal(got.notices)
		}
	})
}

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
	for until := time.Now().Add(5 * time.Second); len(text()) < length && time.Now().Before(until); {
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
	got, err := runlog.Last(t.Context(), open(t, root), "log", 4)
	if want := "failed 5\nfailed 6\nstep 18\nstep 19\n"; err != nil || string(got) != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}
