package runlog_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
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

// announce makes the last part a line of its own with a text, so that something shows that a follower has begun.
func announce(parts []part) {
	last := len(parts) - 1
	parts[last].text, parts[last].partial = "begun", false
	for i := range parts[:last] {
		if p := &parts[last-1-i]; p.stream == parts[last].stream {
			p.partial = false
			return
		}
	}
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
			announce(all[:before])
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
