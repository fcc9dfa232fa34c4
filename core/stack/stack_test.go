package stack_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/core/stack"
	"github.com/icc-project/icc/sdk/resource"
)

// recorder makes nodes that note when they run.
type recorder struct {
	mu  sync.Mutex
	ran []string
}

func (r *recorder) node(id string, priority int, needs ...string) stack.Node {
	n := stack.Node{ID: id, Priority: priority, Ref: resource.Ref{Kind: "thing", Name: id}, Action: resource.ActionEnsure}
	for _, need := range needs {
		n.Needs = append(n.Needs, stack.Need{ID: strings.TrimSuffix(need, "?"), Optional: strings.HasSuffix(need, "?")})
	}
	n.Do = func(context.Context) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.ran = append(r.ran, id)
		return nil
	}
	return n
}

func of(t *testing.T, nodes ...stack.Node) *stack.Stack {
	t.Helper()
	s := stack.New()
	if err := s.Add(nodes...); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestReadyNodesStartByPriorityThenAsAdded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reverse bool
		want    []string
	}{
		"forwards":  {false, []string{"early", "first", "second", "late", "needy"}},
		"backwards": {true, []string{"second", "first", "early", "needy", "late"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r recorder
			s := of(t, r.node("needy", 0, "late"), r.node("first", 5), r.node("late", 9), r.node("second", 5), r.node("early", 1))
			if c.reverse {
				s = s.Reverse()
			}
			if _, err := s.Run(t.Context(), stack.Options{Workers: 1}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, r.ran); diff != "" {
				t.Errorf("order (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatCannotBeRunIsRefusedBeforeAnythingStarts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		needs map[string][]string
		is    error
		text  string
	}{
		"a cycle is spelled out":        {map[string][]string{"web": {"db"}, "db": {"cache"}, "cache": {"db"}}, resource.ErrConfig, "db -> cache -> db"},
		"a node that needs itself":      {map[string][]string{"web": {"web"}}, resource.ErrConfig, "web -> web"},
		"an optional need closes cycle": {map[string][]string{"web": {"db?"}, "db": {"web"}}, resource.ErrConfig, "-> web"},
		"a need that is not there":      {map[string][]string{"web": {"db"}}, resource.ErrDependencyNotEnsured, `"web" needs "db"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r recorder
			s := of(t, r.node("bystander", 0))
			for _, id := range []string{"web", "db", "cache"} {
				if needs, ok := c.needs[id]; ok {
					if err := s.Add(r.node(id, 0, needs...)); err != nil {
						t.Fatal(err)
					}
				}
			}
			result, err := s.Run(t.Context(), stack.Options{})
			if !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.text) || result != nil {
				t.Errorf("got %v, %v; want %q", result, err, c.text)
			}
			if len(r.ran) > 0 {
				t.Errorf("%v ran", r.ran)
			}
		})
	}
}

func TestANodeIsAddedOnce(t *testing.T) {
	t.Parallel()
	var r recorder
	s := of(t, r.node("web", 0))
	if err := s.Add(r.node("web", 1)); !errors.Is(err, resource.ErrConfig) || !strings.Contains(err.Error(), `"web"`) {
		t.Errorf("got %v", err)
	}
	if all := s.All(); len(all) != 1 || all[0].Priority != 0 {
		t.Errorf("the stack has %+v", all)
	}
}

func TestAStackKeepsItsNodesToItself(t *testing.T) {
	t.Parallel()
	var r recorder
	web := r.node("web", 0, "db")
	s := of(t, web, r.node("db", 0))
	web.Needs[0].ID = "nobody"
	s.All()[0].Needs[0].ID = "nobody"
	if err := s.Check(); err != nil {
		t.Error(err)
	}
}

func TestNodesThatOnlyWaitHoldNoWorker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var r recorder
		release := make(chan struct{})
		wait := r.node("wait", 0)
		wait.Waits, wait.Do = true, func(context.Context) error { <-release; return nil }
		work := r.node("work", 9)
		work.Do = func(context.Context) error { close(release); return nil } // with a worker lost to wait, this never runs
		if _, err := of(t, wait, work).Run(t.Context(), stack.Options{Workers: 1}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAllWorkersAreUsed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := stack.New()
		for _, id := range strings.Split("abcdefghij", "") {
			n := stack.Node{ID: id, Do: func(context.Context) error { time.Sleep(time.Second); return nil }}
			if err := s.Add(n); err != nil {
				t.Fatal(err)
			}
		}
		begin := time.Now()
		if _, err := s.Run(t.Context(), stack.Options{Workers: 5}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took != 2*time.Second {
			t.Errorf("ten nodes of 1 s with five workers took %v", took)
		}
	})
}

func TestErrorsAreJoinedInTheOrderOfTheStack(t *testing.T) {
	t.Parallel()
	var r recorder
	slow, quick := r.node("slow", 0), r.node("quick", 0)
	quickFailed := make(chan struct{})
	slow.Do = func(context.Context) error { <-quickFailed; return errors.New("slow failed") }
	quick.Do = func(context.Context) error { close(quickFailed); return errors.New("quick failed") }

	result, err := of(t, slow, quick, r.node("after", 0, "quick")).Run(t.Context(), stack.Options{})
	if err == nil || err.Error() != "slow failed\nquick failed" {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff([]string{"after"}, result.Skipped); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
}

func TestANodeWhoseCodeIsWrongFailsAlone(t *testing.T) {
	t.Parallel()
	panics := func(context.Context) error { panic("no such thing") }
	exits := func(context.Context) error { runtime.Goexit(); return nil }
	fine := func(context.Context) error { return nil }
	for name, c := range map[string]struct {
		do    func(context.Context) error
		hooks stack.Hooks
		want  []string
	}{
		"it panics":                 {panics, stack.Hooks{}, []string{"no such thing", "stack_test.go"}},
		"it ends its goroutine":     {exits, stack.Hooks{}, []string{"ended its goroutine"}},
		"the hook before it panics": {fine, stack.Hooks{Before: func(context.Context, stack.Node) error { panic("before") }}, []string{"before"}},
		"the hook after it panics":  {fine, stack.Hooks{After: func(context.Context, stack.Node, error) { panic("after") }}, []string{"after"}},
		"both panic":                {panics, stack.Hooks{After: func(context.Context, stack.Node, error) { panic("after") }}, []string{"no such thing", "after"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := stack.Node{ID: "bad", Ref: resource.Ref{Kind: "thing", Name: "bad"}, Do: c.do}
			_, err := of(t, n).Run(t.Context(), stack.Options{Hooks: c.hooks})
			if !errors.Is(err, resource.ErrOperation) || resource.Hint(err) == "" {
				t.Fatalf("got %v", err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v does not say %q", err, want)
				}
			}
		})
	}
}

func TestAHookCanRefuseANode(t *testing.T) {
	t.Parallel()
	var r recorder
	var after error
	refusal := errors.New("not today")
	result, err := of(t, r.node("web", 0)).Run(t.Context(), stack.Options{Hooks: stack.Hooks{
		Before: func(context.Context, stack.Node) error { return refusal },
		After:  func(_ context.Context, _ stack.Node, err error) { after = err },
	}})
	if !errors.Is(err, refusal) || !errors.Is(after, refusal) || len(result.Failed) != 1 {
		t.Errorf("run %v, after %v, result %+v", err, after, result)
	}
	if len(r.ran) > 0 {
		t.Error("the node ran all the same")
	}
}

func TestMilestonesAndUnmetOptionalNeedsHoldNothingBack(t *testing.T) {
	t.Parallel()
	var r recorder
	milestone := r.node("ready", 0, "db")
	milestone.Do = nil
	result, err := of(t, r.node("web", 0, "ready", "ready", "absent?"), milestone, r.node("db", 0)).Run(t.Context(), stack.Options{})
	if err != nil || len(result.Done) != 3 {
		t.Fatalf("%+v %v", result, err)
	}
	if diff := cmp.Diff([]string{"db", "web"}, r.ran); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestNothingStartsUnderAContextThatHasEnded(t *testing.T) {
	t.Parallel()
	var r recorder
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errStop)
	result, err := of(t, r.node("web", 0)).Run(ctx, stack.Options{})
	if !errors.Is(err, errStop) || len(result.Skipped) != 1 || len(r.ran) > 0 {
		t.Errorf("%+v %v, ran %v", result, err, r.ran)
	}
}

func TestAnEmptyStackIsDone(t *testing.T) {
	t.Parallel()
	result, err := stack.New().Run(t.Context(), stack.Options{})
	if err != nil || len(result.Done)+len(result.Failed)+len(result.Skipped) != 0 {
		t.Errorf("%+v %v", result, err)
	}
}

func TestCancellationIsReportedOnce(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	var r recorder
	running := r.node("running", 0)
	running.Do = func(ctx context.Context) error {
		cancel(errStop)
		<-ctx.Done()
		return context.Cause(ctx)
	}
	result, err := of(t, running, r.node("next", 0, "running")).Run(ctx, stack.Options{})
	if err == nil || err.Error() != errStop.Error() || len(result.Failed) != 1 || len(result.Skipped) != 1 {
		t.Errorf("%+v %q", result, err)
	}
}
