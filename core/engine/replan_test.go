package engine

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/sdk/resource"
)

// shopper pursues `up` of the shop.
func shopper(t *testing.T, d door, sink event.Handler) (*Engine, Pursuit) {
	t.Helper()
	e := New(Config{Plugins: d, Workers: 2, Events: sink})
	return e, Pursuit{Project: "shop", Lock: patient(), Plan: func(ctx context.Context) (*Plan, error) {
		m, err := e.Resolve(ctx, shop())
		if err != nil {
			return nil, err
		}
		o, err := e.Observe(ctx, m, nil, resource.NewOptions())
		if err != nil {
			return nil, err
		}
		return Up(m, o, UpOptions{}), nil
	}}
}

// complete returns a world where nothing is left to do.
func complete() *world {
	w := newWorld()
	for _, d := range shop() {
		s := resource.State{Ref: d.Ref, Exists: true, Status: resource.StatusAvailable}
		if d.Kind == resource.KindInstance {
			s.Status = resource.StatusRunning
		}
		w.states[d.Ref] = s
	}
	return w
}

func TestARunOfNothingTakesNoLock(t *testing.T) {
	t.Parallel()
	locks := held(ann())
	e, goal := shopper(t, newDoor(complete(), "b", locks), nil)
	if _, err := e.Pursue(t.Context(), goal); err != nil || locks.writes != 0 {
		t.Errorf("%d writes, %v", locks.writes, err)
	}
}

func TestTheProjectIsMadeBeforeItsLockAndOnce(t *testing.T) {
	t.Parallel()
	locks := held()
	w := newWorld()
	e, goal := shopper(t, newDoor(w, "b", locks), nil)
	if _, err := e.Pursue(t.Context(), goal); err != nil {
		t.Fatal(err)
	}
	made := slices.DeleteFunc(slices.Clone(w.calls), func(c string) bool { return c != "ensure project/shop" })
	if len(made) != 1 || len(locks.held) != 0 {
		t.Errorf("calls %q, locks %v", w.calls, locks.held)
	}
	before(t, w.calls, "ensure project/shop", "ensure network/default")
	if len(w.inputs["ensure network/default"]) == 0 {
		t.Error("the network was not given what the project has put out")
	}
}

func TestNothingIsLeftToDoWhenTheProjectIsRemovedMeanwhile(t *testing.T) {
	t.Parallel()
	w := complete()
	delete(w.states, ref(resource.KindInstance, "web-1"))
	locks := held()
	locks.gone = true
	e, goal := shopper(t, newDoor(w, "b", locks), nil)
	plans, look := 0, goal.Plan
	goal.Plan = func(ctx context.Context) (*Plan, error) {
		if plans++; plans == 2 {
			w.states = complete().states
		}
		return look(ctx)
	}
	if _, err := e.Pursue(t.Context(), goal); err != nil || plans != 2 {
		t.Errorf("%d plans, %v", plans, err)
	}
}

func TestAnOutdatedPlanIsMadeAnew(t *testing.T) {
	t.Parallel()
	network, web := ref(resource.KindNetwork, "default"), ref(resource.KindInstance, "web-1")
	for name, c := range map[string]struct {
		fails   error
		happens func(w *world)
		again   bool
	}{
		"when what it has made is gone": {resource.ErrNotFound, func(w *world) {
			delete(w.states, web)
		}, true},
		"when something it needs was removed": {resource.ErrNotFound, func(w *world) { delete(w.states, network) }, true},
		"when somebody else has done it":      {resource.ErrConflict, func(w *world) { w.states[web] = resource.State{Ref: web, Exists: true, Status: resource.StatusRunning} }, true},
		"not when the server is as it was":    {resource.ErrConflict, func(*world) {}, false},
		"not after other errors":              {resource.ErrPermission, func(w *world) { delete(w.states, network) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := complete()
			delete(w.states, web)
			said := ""
			e, goal := shopper(t, newDoor(w, "b", held()), func(e event.Event) { said += e.Text })
			plans, look := 0, goal.Plan
			goal.Plan = func(ctx context.Context) (*Plan, error) {
				if plans++; plans == 2 {
					w.fail = make(map[string]error)
					c.happens(w)
				}
				return look(ctx)
			}
			step := "ensure instance/web-1"
			if name == "when what it has made is gone" {
				step = "start instance/web-1"
			}
			w.fail[step] = c.fails
			_, err := e.Pursue(t.Context(), goal)
			if c.again && err != nil || !c.again && !errors.Is(err, c.fails) {
				t.Errorf("the error is %v", err)
			}
			if told := strings.Contains(said, "planning again"); told != c.again {
				t.Errorf("was said: %q", said)
			}
		})
	}
}

func TestPlansAreNotMadeForEver(t *testing.T) {
	t.Parallel()
	w := complete()
	web := ref(resource.KindInstance, "web-1")
	e, goal := shopper(t, newDoor(w, "b", held()), nil)
	plans, look := 0, goal.Plan
	goal.Plan = func(ctx context.Context) (*Plan, error) {
		plans++
		// Each plan sees another object missing.
		missing := []resource.Ref{web, ref(resource.KindNetwork, "default")}[plans%2]
		w.mu.Lock()
		w.states = complete().states
		delete(w.states, missing)
		w.fail["ensure "+missing.String()] = resource.ErrNotFound
		w.mu.Unlock()
		return look(ctx)
	}
	if _, err := e.Pursue(t.Context(), goal); !errors.Is(err, resource.ErrNotFound) || plans != maxPlans {
		t.Errorf("%d plans, %v", plans, err)
	}
}
