//go:build incus

package conformance

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// call calls a verb of the instance and decodes its answer into answer, unless that is nil.
func (l *lab) call(c kinds.InstanceConfig, verb string, request, answer any) error {
	l.t.Helper()
	raw, err := json.Marshal(request)
	if err != nil {
		l.t.Fatal(err)
	}
	reply, err := l.provider.Call(l.t.Context(), sdk.CallRequest{Resource: l.resolve(c)[0], State: l.state(c), Verb: verb, Request: raw})
	if err == nil && answer != nil {
		err = json.Unmarshal(reply, answer)
	}
	return err
}

func TestHowAProcessEndedIsKept(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		service, command string
		code             int
		reason           string
	}{
		{"fine", "exit 0", 0, initspec.ReasonExited},
		{"failed", "exit 42", 42, initspec.ReasonExited},
		{"terminated", "kill -TERM $$", 143, initspec.ReasonSignal},
		{"killed", "kill -KILL $$", 137, initspec.ReasonSignal},
	} {
		t.Run(tt.service, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			c := l.service(tt.service, "busybox", "sh", "-c", "echo one; echo two >&2; sleep 0.3; "+tt.command)
			l.must(c, resource.ActionEnsure)
			if got := outputs(t, l.state(c).Outputs).Status; got != observe.StatusCreated {
				t.Errorf("before its start it is %s", got)
			}
			begin := time.Now()
			l.must(c, resource.ActionStart)
			_, _, err := l.run(c, resource.ActionComplete, resource.Options{})
			if (err == nil) != (tt.code == 0) || err != nil && (!errors.Is(err, resource.ErrExited) || !strings.Contains(err.Error(), "one") || !strings.Contains(err.Error(), "two")) {
				t.Errorf("waiting for its end: %v", err)
			}
			var exit kinds.Exit
			if err := l.call(c, kinds.CallExit, nil, &exit); err != nil || exit.Code != tt.code || exit.Reason != tt.reason {
				t.Errorf("it ended with %+v, %v", exit, err)
			}
			var out kinds.InstanceOutputs
			eventually(t, "it is stopped", func() bool { // in one look: Incus calls it running once more while it clears it away
				state := l.state(c)
				out = outputs(t, state.Outputs)
				return state.Status == resource.StatusStopped
			})
			if out.ExitCode == nil || *out.ExitCode != tt.code || out.ExitReason != tt.reason || out.FinishedAt.Before(begin) {
				t.Errorf("its outputs are %+v", out)
			}
		})
	}
}

func TestAWaitForTheEndIsBounded(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	l.up(c)
	begin := time.Now() // it never ends
	_, _, err := l.run(c, resource.ActionComplete, resource.Options{Timeout: time.Second})
	if !errors.Is(err, resource.ErrTimeout) || !strings.Contains(err.Error(), "1s") || time.Since(begin) < time.Second {
		t.Errorf("after %s: %v", time.Since(begin), err)
	}
}

func TestAKilledInstanceIsStopped(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.service("web", "busybox", "sh", "-c", "trap 'echo got it' USR1; echo ready; while true; do sleep 0.1; done")
	c.Restart = "always"
	l.up(c)
	l.waitLog(c, "ready\n")
	if err := l.call(c, kinds.CallKill, kinds.KillRequest{Signal: "usr1"}, nil); err != nil {
		t.Fatal(err)
	}
	l.waitLog(c, "got it\n")
	if err := l.call(c, kinds.CallKill, kinds.KillRequest{Signal: "NOPE"}, nil); err == nil || !strings.Contains(err.Error(), "NOPE") {
		t.Errorf("a signal that does not exist: %v", err)
	}
	var top initspec.Processes
	if err := l.call(c, kinds.CallTop, nil, &top); err != nil || len(top.Processes) < 2 || len(top.Processes[0]) != len(top.Titles) {
		t.Errorf("its processes are %+v, %v", top, err)
	}
	if err := l.call(c, kinds.CallKill, kinds.KillRequest{}, nil); err != nil {
		t.Fatal(err)
	}
	out := outputs(t, l.state(c).Outputs)
	if out.Status != resource.StatusStopped || out.ExitCode == nil || *out.ExitCode != 137 {
		t.Errorf("afterwards: %+v", out)
	}
	if err := l.call(c, kinds.CallKill, kinds.KillRequest{}, nil); !errors.Is(err, resource.ErrNotRunning) {
		t.Errorf("killed again: %v", err)
	}
	if err := l.call(c, kinds.CallTop, nil, nil); !errors.Is(err, resource.ErrNotRunning) {
		t.Errorf("its processes: %v", err)
	}
}

func TestAnAttachedProcessHearsAndIsHeard(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.service("web", "busybox", "sh", "-c", "read line; echo heard $line; echo complaint >&2; exit 6")
	c.StdinOpen, c.AwaitAttach = true, true
	l.up(c)
	s := l.exec(t.Context(), c, func(r *sdk.SessionRequest) { r.Verb, r.Stdin, r.Args = sdk.SessionAttach, true, nil })
	s.stdin <- []byte("hello\n")
	s.end(t, 6)
	if s.stdout() != "heard hello\n" || s.stderr() != "complaint\n" {
		t.Errorf("it wrote %q and %q", s.stdout(), s.stderr())
	}
}

func TestLogsAreBoundedByTime(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.service("talk", "busybox", "sh", "-c", "echo early; sleep 0.1; echo late >&2; sleep 1000")
	l.up(c)
	l.waitLog(c, "late\n")
	show := func(o resource.Options) string {
		t.Helper()
		_, s, err := l.run(c, resource.ActionLog, o)
		if err != nil {
			t.Fatal(err)
		}
		return s.text()
	}
	stamped := show(resource.Options{Tail: -1, Timestamps: true})
	early, late, _ := strings.Cut(stamped, "\n")
	var at []time.Time
	for line, want := range map[string]string{early: "early", late: "late\n"} {
		stamp, text, _ := strings.Cut(line, " ")
		when, err := time.Parse(time.RFC3339Nano, stamp)
		if at = append(at, when); err != nil || text != want {
			t.Fatalf("with its time: %q, %v", stamped, err)
		}
	}
	slices.SortFunc(at, time.Time.Compare)
	if got := show(resource.Options{Tail: -1, Since: at[1].Format(time.RFC3339Nano)}); got != "late\n" {
		t.Errorf("since then: %q", got)
	}
	if got := show(resource.Options{Tail: -1, Until: at[0].Format(time.RFC3339Nano)}); got != "early\n" {
		t.Errorf("until the first: %q", got)
	}
	if _, _, err := l.run(c, resource.ActionLog, resource.Options{Tail: -1, Since: "yesterday"}); !errors.Is(err, resource.ErrInvalidFormat) {
		t.Errorf("since yesterday: %v", err)
	}
}

func TestAnInstanceInBackOffIsRestarting(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.service("web", "busybox", "sh", "-c", "exit 7")
	c.Restart = "always"
	l.up(c)
	eventually(t, "it is restarting", func() bool {
		p, err := l.provider.Plan(t.Context(), sdk.PlanRequest{Kind: resource.KindInstance}) // as `icc ps` asks
		if err != nil || len(p.States) != 1 {
			t.Fatalf("%+v, %v", p, err)
		}
		out := outputs(t, p.States[0].Outputs)
		return out.Restarting && out.ExitCode != nil && *out.ExitCode == 7 && out.Restarts > 1
	})
}
