package attach_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/icc-project/icc/cmd/icc-init/attach"
	"github.com/icc-project/icc/sdk/initspec"
)

// pair returns the two ends of a connection.
func pair(t fatal) (pid1, session *os.File) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(fds[0]), "pid1"), os.NewFile(uintptr(fds[1]), "session")
}

type fatal interface{ Fatal(...any) }

// locked is a buffer for two goroutines.
type locked struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// stdin is the process' input.
type stdin struct {
	locked
	closed chan struct{}
}

func newStdin() *stdin { return &stdin{closed: make(chan struct{})} }

func (s *stdin) Close() error { close(s.closed); return nil }

// attached is a session that runs.
type attached struct {
	*attach.Session
	out, err locked
	code     chan int
	signals  chan byte
	conn     *os.File
}

// join attaches a session and waits until the hub knows it.
func join(t fatal, hub *attach.Hub, in io.Reader, size attach.Size) *attached {
	pid1, conn := pair(t)
	a := &attached{code: make(chan int, 1), signals: make(chan byte, 9), conn: conn}
	a.Session = &attach.Session{Conn: conn, In: in, Out: &a.out, Err: &a.err, DetachKeys: attach.DefaultDetachKeys()}
	go hub.Attach(pid1, size, func(n byte) { a.signals <- n })
	go func() {
		code, err := a.Run()
		if err != nil {
			code = -1
		}
		conn.Close()
		a.code <- code
	}()
	<-hub.Attached()
	return a
}

func wait[T any](t *testing.T, what string, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(time.Minute):
		t.Fatalf("%s: not within a minute", what)
		panic("unreachable")
	}
}

func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within a minute", what)
		}
	}
}

func TestWhoIsThereFromTheBeginningMissesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		hub := attach.NewHub()
		a := join(t, hub, nil, attach.Size{})
		out, errOut := hub.Output(initspec.Stdout), hub.Output(initspec.Stderr)
		var wantOut, wantErr strings.Builder
		for i := range rapid.IntRange(0, 30).Draw(t, "writes") {
			p := bytes.Repeat([]byte{byte('a' + i%26)}, rapid.SampledFrom([]int{0, 1, 100, 32 << 10, 32<<10 + 1, 200 << 10}).Draw(t, "length"))
			if rapid.Bool().Draw(t, "stderr") {
				wantErr.Write(p)
				errOut.Write(p)
			} else {
				wantOut.Write(p)
				out.Write(p)
			}
		}
		code := rapid.IntRange(0, 255).Draw(t, "code")
		hub.End(context.Background(), code, time.Minute)
		if got := <-a.code; got != code {
			t.Fatalf("the code is %d, not %d", got, code)
		}
		if a.out.String() != wantOut.String() || a.err.String() != wantErr.String() {
			t.Fatalf("%d and %d bytes arrived of %d and %d", len(a.out.String()), len(a.err.String()), wantOut.Len(), wantErr.Len())
		}
	})
}

func TestWhoComesAfterTheEndHearsTheCode(t *testing.T) {
	t.Parallel()
	hub := attach.NewHub()
	hub.End(t.Context(), 42, time.Minute)
	if got := wait(t, "the code", join(t, hub, nil, attach.Size{}).code); got != 42 {
		t.Errorf("the code is %d", got)
	}
}

func TestInputWaitsForTheProcessAndEndsIt(t *testing.T) {
	t.Parallel()
	hub := attach.NewHub()
	text := strings.Repeat("some input\n", 20_000)
	a := join(t, hub, strings.NewReader(text), attach.Size{})
	in := newStdin()
	hub.Input(in)
	wait(t, "the end of input", in.closed)
	if in.String() != text {
		t.Errorf("%d bytes arrived of %d", len(in.String()), len(text))
	}
	hub.End(t.Context(), 0, time.Minute)
	wait(t, "the code", a.code)
}

func TestATerminalIsNotClosedWithTheInput(t *testing.T) {
	t.Parallel()
	hub := attach.NewHub()
	a := join(t, hub, strings.NewReader("x"), attach.Size{})
	master, _ := openTerminal(t)
	in := newStdin()
	hub.Terminal(master)
	hub.Input(in)
	eventually(t, "the input", func() bool { return in.String() == "x" })
	hub.End(t.Context(), 0, time.Minute)
	wait(t, "the code", a.code)
	select {
	case <-in.closed:
		t.Error("it was closed")
	case <-time.After(50 * time.Millisecond):
	}
}

// stuck never takes what is written.
type stuck struct{ end chan struct{} }

func (s stuck) Write(p []byte) (int, error) { <-s.end; return 0, os.ErrClosed }
func (s stuck) Close() error                { return nil }

func TestAProcessThatDoesNotReadHoldsUpNoSignals(t *testing.T) {
	t.Parallel()
	hub := attach.NewHub()
	s := stuck{make(chan struct{})}
	defer close(s.end)
	hub.Input(s)
	a := join(t, hub, strings.NewReader(strings.Repeat("x", 1<<20)), attach.Size{})
	if err := a.Signal(15); err != nil {
		t.Fatal(err)
	}
	if got := wait(t, "the signal", a.signals); got != 15 {
		t.Errorf("the signal is %d", got)
	}
	hub.End(t.Context(), 143, time.Minute)
	if got := wait(t, "the code", a.code); got != 143 {
		t.Errorf("the code is %d", got)
	}
}

func TestASlowClientLosesOutputAndIsTold(t *testing.T) {
	t.Parallel()
	hub := attach.NewHub()
	out := hub.Output(initspec.Stdout)
	fmt.Fprint(out, "early")
	pid1, conn := pair(t)
	go hub.Attach(pid1, attach.Size{}, nil)
	<-hub.Attached()
	start := time.Now()
	const size = 10 << 20 // some nine thousand writes find no room, and each that is waited with takes 100 ms
	for range size >> 10 {
		out.Write(bytes.Repeat([]byte{'x'}, 1<<10))
	}
	if took := time.Since(start); took > 2*time.Minute {
		t.Errorf("it held up the service for %v", took)
	}
	var gotOut, gotErr locked
	s := attach.Session{Conn: conn, Out: &gotOut, Err: &gotErr}
	ended := make(chan int, 1)
	go func() { code, _ := s.Run(); conn.Close(); ended <- code }()
	eventually(t, "the note", func() bool { return strings.Contains(gotErr.String(), "dropped") })
	fmt.Fprint(out, "later")
	hub.End(t.Context(), 3, time.Minute)
	wait(t, "the code", ended)
	var dropped int
	if _, err := fmt.Sscanf(strings.TrimSpace(gotErr.String()), "[icc-init: %d bytes", &dropped); err != nil {
		t.Fatalf("the note is %q", gotErr.String())
	}
	if got := len(gotOut.String()); got+dropped != size+len("later") || dropped == 0 || !strings.HasSuffix(gotOut.String(), "later") {
		t.Errorf("%d bytes arrived and %d were dropped of %d", got, dropped, size)
	}
}

func TestWhoIsThereFromTheBeginningMayBeSlow(t *testing.T) {
	t.Parallel()
	hub := attach.NewHub()
	pid1, conn := pair(t)
	go hub.Attach(pid1, attach.Size{}, nil)
	<-hub.Attached()
	const size = 5 << 20
	go func() {
		hub.Output(initspec.Stdout).Write(make([]byte, size))
		hub.End(context.Background(), 0, time.Minute)
	}()
	time.Sleep(500 * time.Millisecond) // longer than others may take
	var out, errOut locked
	if code, err := (&attach.Session{Conn: conn, Out: &out, Err: &errOut}).Run(); code != 0 || err != nil {
		t.Errorf("got %d, %v", code, err)
	}
	conn.Close()
	if got := len(out.String()); got != size || errOut.String() != "" {
		t.Errorf("%d bytes arrived of %d, and %q", got, size, errOut.String())
	}
}

func TestAClientThatTakesNothingDoesNotHoldUpTheEnd(t *testing.T) {
	t.Parallel()
	hub := attach.NewHub()
	pid1, conn := pair(t)
	defer conn.Close()
	left := make(chan struct{})
	go func() { hub.Attach(pid1, attach.Size{}, nil); close(left) }()
	<-hub.Attached()
	hub.Output(initspec.Stdout).Write(make([]byte, 900<<10))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	hub.End(ctx, 0, time.Minute)
	wait(t, "the client's end", left)
}

func TestTheDetachKeysEndTheSession(t *testing.T) {
	t.Parallel()
	hub := attach.NewHub()
	in := newStdin()
	hub.Input(in)
	typing, keys := io.Pipe()
	a := join(t, hub, typing, attach.Size{})
	for _, key := range []string{"a\x10", "b", "\x10", "\x10", "\x11"} {
		io.WriteString(keys, key)
	}
	if got := wait(t, "the code", a.code); got != 0 {
		t.Errorf("the code is %d", got)
	}
	if got := in.String(); got != "a\x10b\x10" {
		t.Errorf("the process got %q", got)
	}
}

func TestALostContainerIsAnError(t *testing.T) {
	t.Parallel()
	pid1, conn := pair(t)
	pid1.Close()
	s := attach.Session{Conn: conn}
	if code, err := s.Run(); err != attach.ErrLost {
		t.Errorf("got %d, %v", code, err)
	}
}
