package stack_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/icc-project/icc/core/stack"
	"github.com/icc-project/icc/sdk/resource"
)

var errStop = errors.New("the user pressed Ctrl-C")

// run runs s in a bubble with a clock of its own, in which a run that never ends is a deadlock and fails the test.
func run(t *testing.T, s *stack.Stack, opts stack.Options, cancelAfter time.Duration) (result *stack.Result, cancelled time.Time, err error) {
	synctest.Test(t, func(*testing.T) {
		ctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		cancelled = time.Now().Add(cancelAfter)
		if cancelAfter > 0 {
			defer time.AfterFunc(cancelAfter, func() { cancel(errStop) }).Stop()
		}
		result, err = s.Run(ctx, opts)
	})
	return result, cancelled, err
}

func failures(r *stack.Result) map[string]error {
	m := map[string]error{}
	for _, f := range r.Failed {
		m[f.ID] = f.Err
	}
	return m
}

// checkOrder fails when a node started before what it needs was done.
func checkOrder(t *rapid.T, w *world, nodes []stack.Node, done []string) {
	for _, n := range nodes {
		begin, started := w.started[n.ID]
		if !started {
			continue
		}
		for need := range reaches(nodes, n.ID) {
			end, ended := w.ended[need]
			if !ended || end.After(begin) || !slices.Contains(done, need) {
				t.Fatalf("%s started before %s was done", n.ID, need)
			}
		}
	}
}

// checkLists fails when a node is not in exactly one list, or in the wrong one.
func checkLists(t *rapid.T, w *world, r *stack.Result) {
	var all []string
	all = append(append(append(all, r.Done...), r.Skipped...), slices.Collect(maps.Keys(failures(r)))...)
	slices.Sort(all)
	var want []string
	for _, n := range w.nodes {
		want = append(want, n.ID)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, all); diff != "" {
		t.Fatalf("nodes in the result (-want +got):\n%s", diff)
	}
	for _, id := range r.Done {
		if _, ended := w.ended[id]; !ended || w.does[id].err != nil || w.does[id].panics {
			t.Fatalf("%s counts as done", id)
		}
	}
	for _, id := range r.Skipped {
		if _, started := w.started[id]; started && !w.node(id).Waits {
			t.Fatalf("%s counts as skipped, but was started", id)
		}
	}
}

func TestEveryRunKeepsThePromises(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := anyWorld(rt, true)
		opts := stack.Options{Workers: w.workers, KeepGoing: rapid.Bool().Draw(rt, "keep going"), Hooks: w.countHooks()}
		cancelAfter := time.Duration(max(0, rapid.IntRange(-20, 20).Draw(rt, "cancel"))) * time.Second

		result, cancelled, err := run(t, w.stack, opts, cancelAfter)
		if result == nil {
			rt.Fatalf("refused to run: %v", err)
		}
		checkOrder(rt, w, w.nodes, result.Done)
		checkLists(rt, w, result)
		if w.most > w.workers {
			rt.Fatalf("%d nodes ran at a time, %d allowed", w.most, w.workers)
		}
		checkErrors(rt, w, result, err)
		checkHooks(rt, w)
		if cancelAfter > 0 {
			checkNothingAfter(rt, w, cancelled, "the run was cancelled")
			checkAllEnded(rt, w, cancelled)
		} else if !opts.KeepGoing {
			checkStopsAtFirstError(rt, w, result)
		} else {
			checkOnlyDependentsSkipped(rt, w, result)
		}
	})
}

// checkErrors fails when an error of a node is not part of the run's error.
func checkErrors(t *rapid.T, w *world, r *stack.Result, err error) {
	if (err == nil) != (len(r.Failed) == 0 && len(r.Skipped) == 0) {
		t.Fatalf("error %v with failures %v and skipped %v", err, r.Failed, r.Skipped)
	}
	failed := failures(r)
	for id := range w.ended {
		want := w.does[id]
		if (want.err != nil || want.panics) && failed[id] == nil && !slices.Contains(r.Skipped, id) {
			t.Fatalf("%s failed and is not in the result", id)
		}
	}
	for id, e := range failed {
		if !errors.Is(err, e) {
			t.Fatalf("the error of %s is not part of %v", id, err)
		}
		if strings.Contains(e.Error(), "panicked") != w.does[id].panics && !errors.Is(e, errStop) {
			t.Fatalf("%s: %v", id, e)
		}
	}
}

func checkHooks(t *rapid.T, w *world) {
	want := map[string]int{"done": 1}
	for id := range w.started {
		want["before "+id], want["after "+id] = 1, 1
	}
	if diff := cmp.Diff(want, w.hooks); diff != "" {
		t.Fatalf("calls of hooks (-want +got):\n%s", diff)
	}
}

func checkNothingAfter(t *rapid.T, w *world, when time.Time, why string) {
	for id, at := range w.started {
		if at.After(when) {
			t.Fatalf("%s started %v after %s", id, at.Sub(when), why)
		}
	}
}

func checkAllEnded(t *rapid.T, w *world, when time.Time) {
	for id, at := range w.ended {
		if at.After(when) {
			t.Fatalf("%s ran on for %v after the run was cancelled", id, at.Sub(when))
		}
	}
}

func checkStopsAtFirstError(t *rapid.T, w *world, r *stack.Result) {
	if len(r.Failed) == 0 {
		return
	}
	var first time.Time
	for _, f := range r.Failed {
		if at := w.ended[f.ID]; first.IsZero() || at.Before(first) {
			first = at
		}
	}
	checkNothingAfter(t, w, first, "the first error")
	for _, n := range w.nodes {
		if n.Waits && w.ended[n.ID].After(first) {
			t.Fatalf("%s went on waiting after the first error", n.ID)
		}
	}
}

func checkOnlyDependentsSkipped(t *rapid.T, w *world, r *stack.Result) {
	failed := failures(r)
	for _, n := range w.nodes {
		blocked := false
		for need := range reaches(w.nodes, n.ID) {
			blocked = blocked || failed[need] != nil
		}
		if blocked != slices.Contains(r.Skipped, n.ID) {
			t.Fatalf("%s: needs something failed %v, skipped %v", n.ID, blocked, !blocked)
		}
	}
}

func TestReverseRunsEveryNodeAfterWhatNeededIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := anyWorld(rt, false)
		result, _, err := run(t, w.stack.Reverse(), stack.Options{Workers: w.workers}, 0)
		if err != nil || len(result.Done) != len(w.nodes) {
			rt.Fatalf("%+v %v", result, err)
		}
		for _, n := range w.nodes {
			for need := range reaches(w.nodes, n.ID) {
				if w.started[need].Before(w.ended[n.ID]) {
					rt.Fatalf("%s, which %s needed, started before its end", need, n.ID)
				}
			}
		}
		byID := cmpopts.SortSlices(func(a, b stack.Need) bool {
			return a.ID < b.ID || a.ID == b.ID && !a.Optional && b.Optional
		})
		again := w.stack.Reverse().Reverse().All()
		if diff := cmp.Diff(w.stack.All(), again, byID, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(stack.Node{}, "Do")); diff != "" {
			rt.Fatalf("reversed twice (-want +got):\n%s", diff)
		}
	})
}

func TestAFilteredStackKeepsTheOrderOfWhatIsLeft(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := anyWorld(rt, false)
		odd := func(n stack.Node) bool { return n.Priority != 0 }
		filtered := w.stack.ForActionF(resource.ActionEnsure, odd).All()
		kept := map[string]bool{}
		for _, n := range filtered {
			kept[n.ID] = true
		}
		for _, n := range w.nodes {
			if want := n.Action == resource.ActionEnsure && odd(n); want != kept[n.ID] {
				rt.Fatalf("%s kept: %v", n.ID, kept[n.ID])
			}
			if !kept[n.ID] {
				continue
			}
			want := reaches(w.nodes, n.ID)
			maps.DeleteFunc(want, func(id string, _ bool) bool { return !kept[id] })
			if diff := cmp.Diff(want, reaches(filtered, n.ID)); diff != "" {
				rt.Fatalf("what %s needs (-want +got):\n%s", n.ID, diff)
			}
		}
	})
}
