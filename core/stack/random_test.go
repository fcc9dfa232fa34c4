package stack_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"pgregory.net/rapid"

	"github.com/icc-project/icc/core/stack"
	"github.com/icc-project/icc/sdk/resource"
)

var errRefused = errors.New("refused")

// behaviour is what a random node does when it runs.
type behaviour struct {
	takes  time.Duration
	err    error
	panics bool
}

// world is a random graph, how its nodes behave, and the record of its run.
type world struct {
	stack   *stack.Stack
	nodes   []stack.Node
	does    map[string]behaviour
	workers int

	mu      sync.Mutex
	started map[string]time.Time
	ended   map[string]time.Time
	busy    int // nodes that run and do not only wait
	most    int // the highest busy
	hooks   map[string]int
}

// anyWorld draws a graph without cycles, added in an order that has nothing to do with its edges.
func anyWorld(t *rapid.T, mayFail bool) *world {
	count := rapid.IntRange(0, 25).Draw(t, "nodes")
	w := &world{
		does: map[string]behaviour{}, workers: rapid.IntRange(1, 4).Draw(t, "workers"),
		started: map[string]time.Time{}, ended: map[string]time.Time{}, hooks: map[string]int{},
	}
	ids := make([]string, count)
	for i := range ids {
		ids[i] = fmt.Sprintf("n%d", i)
	}
	for i, id := range rapid.Permutation(ids).Draw(t, "order") {
		w.does[id] = anyBehaviour(t, id, mayFail)
		w.nodes = append(w.nodes, stack.Node{
			ID:       id,
			Action:   rapid.SampledFrom([]resource.Action{resource.ActionEnsure, resource.ActionStart}).Draw(t, "action"),
			Priority: rapid.IntRange(0, 3).Draw(t, "priority"),
			Waits:    rapid.IntRange(0, 4).Draw(t, "waits") == 0,
			Do:       func(ctx context.Context) error { return w.do(ctx, id) },
		})
		for range min(i, rapid.IntRange(0, 3).Draw(t, "needs")) {
			to := w.nodes[rapid.IntRange(0, i-1).Draw(t, "to")].ID
			w.nodes[i].Needs = append(w.nodes[i].Needs, stack.Need{ID: to, Optional: rapid.Bool().Draw(t, "optional")})
		}
	}
	if count > 0 {
		w.nodes = rapid.Permutation(w.nodes).Draw(t, "added")
		w.nodes[0].Needs = append(w.nodes[0].Needs, stack.Need{ID: "not there", Optional: true})
	}
	w.stack = stack.New()
	if err := w.stack.Add(w.nodes...); err != nil {
		t.Fatal(err)
	}
	return w
}

func anyBehaviour(t *rapid.T, id string, mayFail bool) behaviour {
	b := behaviour{takes: time.Duration(rapid.IntRange(0, 9).Draw(t, "takes")) * time.Second}
	if mayFail {
		switch rapid.IntRange(0, 15).Draw(t, "fails") {
		case 0:
			b.err = fmt.Errorf("%s: %w", id, errRefused)
		case 1:
			b.panics = true
		}
	}
	return b
}

func (w *world) do(ctx context.Context, id string) error {
	w.mu.Lock()
	w.started[id] = time.Now()
	waits := w.node(id).Waits
	if !waits {
		w.busy++
		w.most = max(w.most, w.busy)
	}
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.ended[id] = time.Now()
		if !waits {
			w.busy--
		}
	}()
	select {
	case <-time.After(w.does[id].takes):
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if w.does[id].panics {
		panic(id + " lost its mind")
	}
	return w.does[id].err
}

func (w *world) node(id string) stack.Node {
	for _, n := range w.nodes {
		if n.ID == id {
			return n
		}
	}
	panic("no node " + id)
}

// reaches returns the IDs of all nodes that id needs, over any number of others.
func reaches(nodes []stack.Node, id string) map[string]bool {
	byID := make(map[string]stack.Node, len(nodes))
	for _, n := range nodes {
		byID[n.ID] = n
	}
	found := map[string]bool{}
	var visit func(string)
	visit = func(id string) {
		for _, need := range byID[id].Needs {
			if _, in := byID[need.ID]; in && !found[need.ID] {
				found[need.ID] = true
				visit(need.ID)
			}
		}
	}
	visit(id)
	return found
}

// countHooks returns hooks that note each of their calls.
func (w *world) countHooks() stack.Hooks {
	note := func(what string) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.hooks[what]++
	}
	return stack.Hooks{
		Before: func(_ context.Context, n stack.Node) error { note("before " + n.ID); return nil },
		After:  func(_ context.Context, n stack.Node, err error) { note("after " + n.ID) },
		Done:   func(*stack.Result) { note("done") },
	}
}
