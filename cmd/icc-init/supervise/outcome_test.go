package supervise

import (
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/icc-project/icc/cmd/icc-init/launch"
	"github.com/icc-project/icc/sdk/initspec"
)

func TestAnEndIsToldWithCodeAndReason(t *testing.T) {
	t.Parallel()
	const exit42, term, kill = syscall.WaitStatus(42 << 8), syscall.WaitStatus(syscall.SIGTERM), syscall.WaitStatus(syscall.SIGKILL)
	for name, tc := range map[string]struct {
		outcome outcome
		code    int
		signal  string
		reason  string
		text    string
	}{
		"an exit":                             {ended(exit42, time.Second, 0, 0), 42, "", initspec.ReasonExited, ""},
		"a signal":                            {ended(term, time.Second, 0, 0), 143, "SIGTERM", initspec.ReasonSignal, ""},
		"a kill":                              {ended(kill, time.Second, 2, 2), 137, "SIGKILL", initspec.ReasonSignal, ""},
		"a kill for want of memory":           {ended(kill, time.Second, 2, 3), 137, "SIGKILL", initspec.ReasonOOM, ""},
		"an exit while a child was killed":    {ended(exit42, time.Second, 2, 3), 42, "", initspec.ReasonExited, ""},
		"a program that is not there":         {notStarted(&launch.Failure{Code: 127, Text: "not found"}), 127, "", initspec.ReasonStartFailed, "not found"},
		"a start that failed for other cause": {notStarted(errors.New("no terminal")), 126, "", initspec.ReasonStartFailed, "no terminal"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := initspec.State{PID: 5, Signal: "SIGHUP", Error: "old"}
			tc.outcome.record(&s)
			if s.PID != 0 || s.ExitCode != tc.code || s.Signal != tc.signal || s.Reason != tc.reason || s.Error != tc.text || s.FinishedAt.IsZero() {
				t.Errorf("got %+v", s)
			}
		})
	}
}

func TestKillsForWantOfMemoryAreCounted(t *testing.T) {
	t.Parallel()
	if n := countKills("low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n"); n != 2 {
		t.Errorf("got %d", n)
	}
	if n := countKills(""); n != 0 {
		t.Errorf("got %d for nothing", n)
	}
}
