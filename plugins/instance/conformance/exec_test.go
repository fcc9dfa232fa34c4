//go:build incus

package conformance

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

func TestExecReturnsTheCommandsExitCode(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	l.up(c)
	l.exec(t.Context(), c, nil, "true").end(t, 0)
	l.exec(t.Context(), c, nil, "sh", "-c", "exit 42").end(t, 42)
	l.exec(t.Context(), c, nil, "/etc/passwd").end(t, 126)
	missing := l.exec(t.Context(), c, nil, "nosuchcommand")
	missing.end(t, 127)
	if !strings.Contains(missing.stderr(), "not found") {
		t.Errorf("it says %q", missing.stderr())
	}
}

func TestExecKeepsTheStreamsApart(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	l.up(c)
	s := l.exec(t.Context(), c, func(r *sdk.SessionRequest) {
		r.Environment, r.WorkingDir, r.User = map[string]string{"GIVEN": "yes"}, "/tmp", "1234:4321"
	}, "sh", "-c", "echo out $GIVEN $(pwd) $(id -u):$(id -g); echo err >&2")
	s.end(t, 0)
	if s.stdout() != "out yes /tmp 1234:4321\n" || s.stderr() != "err\n" {
		t.Errorf("it wrote %q and %q", s.stdout(), s.stderr())
	}
}

func TestExecPassesInputOnUntilItsEnd(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	l.up(c)
	s := l.exec(t.Context(), c, func(r *sdk.SessionRequest) { r.Stdin = true }, "sh", "-c", "cat; echo end")
	big := strings.Repeat("0123456789abcdef", 16<<10) // 256 KiB
	for _, chunk := range []string{"first\n", big, "last\n"} {
		s.stdin <- []byte(chunk)
	}
	close(s.stdin)
	s.end(t, 0)
	if want := "first\n" + big + "last\nend\n"; s.stdout() != want {
		t.Errorf("it wrote %d bytes, want %d", len(s.stdout()), len(want))
	}
	closed := l.exec(t.Context(), c, nil, "cat")
	closed.end(t, 0)
}

func TestExecLosesNoOutput(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	l.up(c)
	s := l.exec(t.Context(), c, nil, "sh", "-c", "dd if=/dev/zero bs=1M count=20 2>/dev/null | tr '\\0' x")
	s.end(t, 0)
	if got := len(s.stdout()); got != 20<<20 {
		t.Errorf("it wrote %d bytes", got)
	}
}

func TestExecGivesATerminalThatCanBeResized(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	l.up(c)
	s := l.exec(t.Context(), c, func(r *sdk.SessionRequest) {
		r.TTY, r.Stdin, r.Window = true, true, sdk.WindowSize{Width: 91, Height: 37}
	}, "sh", "-c", "test -t 0 && test -t 1 && stty size; while [ \"$(stty size)\" = '37 91' ]; do sleep 0.1; done; stty size; read x; echo got $x")
	eventually(t, "the size is that of the window", func() bool { return strings.Contains(s.stdout(), "37 91") })
	s.resize <- sdk.WindowSize{Width: 120, Height: 40}
	eventually(t, "the size is the new one", func() bool { return strings.Contains(s.stdout(), "40 120") })
	s.stdin <- []byte("hello\n")
	s.end(t, 0)
	if got := s.stdout(); !strings.Contains(got, "got hello") {
		t.Errorf("it wrote %q", got)
	}
	quiet := l.exec(t.Context(), c, func(r *sdk.SessionRequest) { r.TTY = true }, "sh", "-c", "sleep 0.3; echo alive")
	quiet.end(t, 0)
	if !strings.Contains(quiet.stdout(), "alive") {
		t.Errorf("without input a terminal's command wrote %q", quiet.stdout())
	}
}

func TestExecPassesSignalsOn(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	l.up(c)
	s := l.exec(t.Context(), c, nil, "sh", "-c", "trap 'echo caught; exit 7' INT; echo ready; while :; do sleep 0.1; done")
	eventually(t, "the command is ready", func() bool { return s.stdout() == "ready\n" })
	s.signals <- int(syscall.SIGINT)
	s.end(t, 7)
	if s.stdout() != "ready\ncaught\n" {
		t.Errorf("it wrote %q", s.stdout())
	}
}

func TestACancelledExecIsKilled(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	l.up(c)
	ctx, cancel := context.WithCancel(t.Context())
	s := l.exec(ctx, c, nil, "sh", "-c", "echo ready; exec sleep 4321")
	eventually(t, "the command is ready", func() bool { return s.stdout() == "ready\n" })
	cancel()
	<-s.done
	if !errors.Is(s.failure, context.Canceled) {
		t.Errorf("it ended with %v", s.failure)
	}
	eventually(t, "the process is gone", func() bool { return !strings.Contains(l.sh(c, "ps"), "sleep 4321") })
}

func TestExecInWhatDoesNotRunIsRefused(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	l.must(c, resource.ActionEnsure)
	s := l.exec(t.Context(), c, nil, "true")
	<-s.done
	if !errors.Is(s.failure, resource.ErrNotRunning) || resource.Hint(s.failure) == "" {
		t.Errorf("it ended with %v", s.failure)
	}
	unknown := l.exec(t.Context(), c, func(r *sdk.SessionRequest) { r.User = "nosuchuser" }, "true")
	<-unknown.done
	if !errors.Is(unknown.failure, resource.ErrNotRunning) {
		t.Errorf("as an unknown user it ended with %v", unknown.failure)
	}
	l.must(c, resource.ActionStart)
	unknown = l.exec(t.Context(), c, func(r *sdk.SessionRequest) { r.User = "nosuchuser" }, "true")
	unknown.end(t, 126)
	if !strings.Contains(unknown.stderr(), "nosuchuser") {
		t.Errorf("of the unknown user it says %q", unknown.stderr())
	}
}
