//go:build incus

package conformance

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

func TestLogsAreThereWhileRunningAndAfterwards(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.service("talk", "busybox", "sh", "-c", "for i in 1 2 3 4 5; do echo line $i; done; sleep 0.3; echo oops >&2; sleep 1000")
	l.up(c)
	want := "line 1\nline 2\nline 3\nline 4\nline 5\noops\n"
	if got := l.waitLog(c, "oops\n"); got != want {
		t.Errorf("while running: %q", got)
	}
	if got := l.log(c); got != want {
		t.Errorf("asked again: %q", got)
	}
	_, s, err := l.run(c, resource.ActionLog, resource.Options{Tail: 2})
	if err != nil || s.text() != "line 5\noops\n" {
		t.Errorf("the last two lines are %q, %v", s.text(), err)
	}
	l.must(c, resource.ActionStop)
	if got := withoutInit(l.log(c)); got != want {
		t.Errorf("stopped: %q", got)
	}
	l.must(c, resource.ActionStart)
	eventually(t, "both runs are in the log", func() bool { return withoutInit(l.log(c)) == want+want })
}

// withoutInit drops what LXC's init says on hosts without the pids controller, as the testbed is one.
func withoutInit(log string) string {
	return strings.ReplaceAll(log, "Failed to open \"/sys/fs/cgroup/pids///pids.max\"\n", "")
}

func TestTwoFollowersSeeEveryLineEach(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.service("talk", "busybox", "sh", "-c", "for i in $(seq 1 40); do echo line $i; sleep 0.05; done; sleep 1; echo end")
	l.up(c)
	first, firstDone := l.follow(t.Context(), c.Service)
	second, secondDone := l.follow(t.Context(), c.Service)
	for _, done := range []<-chan error{firstDone, secondDone} {
		if err := <-done; err != nil {
			t.Errorf("following ended with %v", err)
		}
	}
	if a, b := first.text(), second.text(); a != b || strings.Count(a, "\n") != 41 {
		t.Errorf("one saw %q, the other %q", a, b)
	}
}

func TestAShortRunsLogIsThereWithoutAnybodyHavingLooked(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.service("job", "busybox", "sh", "-c", "sleep 0.5; echo done")
	l.up(c)
	eventually(t, "it has ended", func() bool { return l.state(c).Status == resource.StatusStopped })
	if got := l.log(c); got != "done\n" {
		t.Errorf("the log is %q", got)
	}
}

func TestFollowingShowsEachLineOnceAndEndsWithTheInstance(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.service("talk", "busybox", "sh", "-c", "i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo line $i of many; [ $((i%500)) = 0 ] && sleep 0.3; done; sleep 1; echo end")
	l.up(c)
	s, done := l.follow(t.Context(), c.Service)
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("following ended with %v", err)
		}
	case <-time.After(2 * patience):
		t.Fatal("following does not end with the instance")
	}
	var want strings.Builder
	for i := 1; i <= 3000; i++ {
		fmt.Fprintf(&want, "line %d of many\n", i)
	}
	want.WriteString("end\n")
	if s.text() != want.String() {
		t.Errorf("it showed %d bytes, want %d", len(s.text()), want.Len())
	}
}

func TestFollowingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.service("talk", "busybox", "sh", "-c", "echo here; sleep 1000")
	l.up(c)
	ctx, cancel := context.WithCancel(t.Context())
	s, done := l.follow(ctx, c.Service)
	eventually(t, "it shows something", func() bool { return s.text() == "here\n" })
	cancel()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("following ended with %v", err)
		}
	case <-time.After(patience):
		t.Fatal("following does not end with its context")
	}
}

func (l *lab) follow(ctx context.Context, service string) (*sink, <-chan error) {
	s, done := &sink{}, make(chan error, 1)
	p := l.plan()
	go func() {
		for _, state := range p.States {
			if strings.HasPrefix(state.Name, service) {
				_, err := l.provider.Run(ctx, sdk.RunRequest{Resource: resource.Resolved{Ref: state.Ref, IncusName: state.IncusName}, State: state,
					Action: resource.ActionLog, Options: resource.Options{Follow: true, Tail: -1}}, s)
				done <- err
			}
		}
	}()
	return s, done
}
