package supervise

import (
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/icc-project/icc/cmd/icc-init/attach"
	"github.com/icc-project/icc/cmd/icc-init/launch"
	"github.com/icc-project/icc/cmd/icc-init/proc"
	"github.com/icc-project/icc/cmd/icc-init/statefile"
	"github.com/icc-project/icc/sdk/initspec"
)

// TestMain is the trampoline, too, which commands are started through.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == launch.Applet {
		os.Exit(launch.Main())
	}
	os.Exit(m.Run())
}

// log forgets, and tells of each run that is about to start.
type log struct{ starting func() }

func (l log) Stream(name string) io.Writer {
	if name == initspec.Stdout {
		l.starting()
	}
	return io.Discard
}

// running returns a service that really starts the script, over and over.
func running(t *testing.T, script string, starting func()) *Service {
	t.Helper()
	spec := &initspec.Spec{
		Argv: []string{"/bin/sh", "-c", script}, Restart: initspec.Restart{Policy: initspec.RestartAlways, Delay: time.Millisecond},
	}
	warn := func(err error) { t.Error(err) }
	return New(Settings{
		Spec: spec, Reaper: oneReaper(), Log: log{starting}, Hub: attach.NewHub(), Watch: func() func() { return func() {} }, Warn: warn,
		State: statefile.New(filepath.Join(t.TempDir(), initspec.StateFile), initspec.State{Phase: initspec.PhaseStarting}, warn),
	})
}

// oneReaper is shared, for a reaper takes the ends of all children of this program.
var oneReaper = sync.OnceValue(proc.NewReaper)

func TestAKillDuringARestartIsNotLost(t *testing.T) {
	t.Parallel()
	var s *Service
	runs := 0
	s = running(t, "exit 5", func() {
		if runs++; runs == 2 {
			s.Spec.Argv = []string{"/bin/sleep", "infinity"} // only the kill ends it
			if err := s.Kill(syscall.SIGKILL); err != nil {
				t.Error(err)
			}
		}
	})
	if code := s.Run(func() {}); code != 137 || runs != 2 {
		t.Errorf("after %d runs, it ended with %d", runs, code)
	}
}

func TestAKillDuringTheFirstStartIsNotLost(t *testing.T) {
	t.Parallel()
	var s *Service
	runs := 0
	s = running(t, "exit 5", func() {
		runs++
		s.Spec.Argv = []string{"/bin/sleep", "infinity"} // only the kill ends it
		if err := s.Kill(syscall.SIGKILL); err != nil {
			t.Error(err)
			s.Stop()
		}
	})
	if code := s.Run(func() {}); code != 137 || runs != 1 {
		t.Errorf("after %d runs, it ended with %d", runs, code)
	}
}

func TestAStopBetweenTwoRunsKeepsHowTheLastOneEnded(t *testing.T) {
	t.Parallel()
	for n := range 60 { // it can come at any moment
		var runs atomic.Int32
		s := running(t, "exit 5", func() { runs.Add(1) })
		go func() {
			for s.State().Phase != initspec.PhaseRestarting {
				time.Sleep(100 * time.Microsecond)
			}
			time.Sleep(time.Duration(n) * 30 * time.Microsecond)
			s.Stop()
		}()
		if code := s.Run(func() {}); code == 0 {
			t.Fatalf("stop %d: after %d runs that ended with 5, it ended with 0", n, runs.Load())
		}
	}
}
