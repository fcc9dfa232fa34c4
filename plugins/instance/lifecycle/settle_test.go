package lifecycle

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

func TestOnlyACommandThatCannotBeRunFailsTheStart(t *testing.T) {
	t.Parallel()
	m := &Manager{Name: "shop-web-1"}
	for name, state := range map[string]*initspec.State{
		"it runs":                 {Phase: initspec.PhaseRunning},
		"a job is done":           {Phase: initspec.PhaseExited, Reason: initspec.ReasonExited},
		"a job has failed":        {Phase: initspec.PhaseExited, Reason: initspec.ReasonExited, ExitCode: 127},
		"it is started again":     {Phase: initspec.PhaseRestarting, Reason: initspec.ReasonSignal, ExitCode: 137},
		"somebody has to attach":  nil,
		"it runs after a failure": {Phase: initspec.PhaseRunning, Reason: initspec.ReasonStartFailed, ExitCode: 127},
	} {
		if err := m.startFailure(state); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, test := range map[string]struct {
		state *initspec.State
		hint  string
	}{
		"not found":        {&initspec.State{Phase: initspec.PhaseFailed, Reason: initspec.ReasonStartFailed, ExitCode: 127, Error: "why"}, "have that command"},
		"not executable":   {&initspec.State{Phase: initspec.PhaseFailed, Reason: initspec.ReasonStartFailed, ExitCode: 126, Error: "why"}, "permission"},
		"too long":         {&initspec.State{Phase: initspec.PhaseFailed, Reason: initspec.ReasonStartFailed, ExitCode: 126, Error: "exec /x: why is this too long: Linux allows less"}, "in a file"},
		"no such user":     {&initspec.State{Phase: initspec.PhaseFailed, Reason: initspec.ReasonStartFailed, ExitCode: 126, Error: "unknown user \"why\""}, "/etc/passwd"},
		"no capability":    {&initspec.State{Phase: initspec.PhaseFailed, Reason: initspec.ReasonStartFailed, ExitCode: 126, Error: "unknown capability \"why\""}, "cap_drop"},
		"tried once more":  {&initspec.State{Phase: initspec.PhaseRestarting, Reason: initspec.ReasonStartFailed, ExitCode: 127, Error: "why"}, "have that command"},
		"no orders at all": {&initspec.State{Phase: initspec.PhaseFailed, Error: "why"}, "compose file"},
	} {
		err := m.startFailure(test.state)
		if !errors.Is(err, resource.ErrOperation) || !strings.Contains(err.Error(), "shop-web-1 cannot be run: ") || !strings.Contains(err.Error(), "why") || !strings.Contains(resource.Hint(err), test.hint) {
			t.Errorf("%s: %v, hint %q", name, err, resource.Hint(err))
		}
	}
}

func TestAFailedHookTellsItsLastLines(t *testing.T) {
	t.Parallel()
	err := hookError(preStop, "shop-web-1", initspec.Hook{Command: []string{"save", "all"}}, 3, []byte("1\r\n2\n3\n4\n5\n6\n"))
	if want := "the pre_stop hook \"save all\" of shop-web-1 ended with the exit code 3; it wrote:\n2\n3\n4\n5\n6"; !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
	if !strings.Contains(resource.Hint(err), "icc kill") {
		t.Errorf("the hint is %q", resource.Hint(err))
	}
}

func TestARunIsKnownByWhenItBegan(t *testing.T) {
	t.Parallel()
	start := time.Unix(1_790_000_000, 0)
	for name, c := range map[string]struct {
		state *initspec.State
		start time.Time
		want  bool
	}{
		"no state yet":        {nil, start, false},
		"begun after":         {&initspec.State{Phase: initspec.PhaseRunning, StartedAt: start.Add(time.Second)}, start, true},
		"of an earlier start": {&initspec.State{Phase: initspec.PhaseRunning, StartedAt: start.Add(-time.Second)}, start, false},
		"over already":        {&initspec.State{Phase: initspec.PhaseExited, StartedAt: start.Add(time.Second)}, start, false},
		"never started":       {&initspec.State{Phase: initspec.PhaseRunning, StartedAt: start}, time.Time{}, false},
	} {
		if got := runsSince(c.state, c.start); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
