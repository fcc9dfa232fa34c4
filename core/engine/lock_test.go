package engine

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// door is a world whose lock the test can see and steal. Who holds it is the run that made it.
type door struct {
	*world
	run   string
	locks *lockList
}

// lockList is what the server has of locks.
type lockList struct {
	mu   sync.Mutex
	held map[string]kinds.LockHolder
	// writes counts the changes of the list.
	writes int
	// gone says that there is no place for locks any more.
	gone bool
}

func newDoor(w *world, run string, locks *lockList) door { return door{w, run, locks} }

func (d door) Provider(context.Context, resource.Kind) (sdk.Provider, error) { return d, nil }

// Call implements sdk.Caller.
func (d door) Call(_ context.Context, req sdk.CallRequest) (json.RawMessage, error) {
	l := d.locks
	l.mu.Lock()
	defer l.mu.Unlock()
	switch req.Verb {
	case kinds.CallLock:
		if l.gone {
			return nil, resource.ErrNotFound
		}
		var lock kinds.LockRequest
		if err := json.Unmarshal(req.Request, &lock); err != nil {
			return nil, err
		}
		if dead := lock.Dead; dead != nil && l.held[dead.Run].Beat == dead.Beat {
			delete(l.held, dead.Run)
		}
		for _, other := range l.held {
			return json.Marshal(kinds.LockAnswer{Other: &other})
		}
		lock.Holder.Run = d.run
		l.held[d.run] = lock.Holder
		l.writes++
		return json.Marshal(kinds.LockAnswer{})
	case kinds.CallRenew:
		h, ok := l.held[d.run]
		if !ok {
			return nil, resource.ErrNotFound
		}
		var renewal kinds.LockRenewal
		if err := json.Unmarshal(req.Request, &renewal); err != nil {
			return nil, err
		}
		h.Beat = renewal.Beat
		l.held[d.run] = h
	case kinds.CallUnlock:
		delete(l.held, d.run)
	}
	l.writes++
	return nil, nil
}

func held(by ...kinds.LockHolder) *lockList {
	l := &lockList{held: make(map[string]kinds.LockHolder)}
	for _, h := range by {
		l.held[h.Run] = h
	}
	return l
}

func patient() LockOptions {
	return LockOptions{Holder: kinds.LockHolder{Who: "bob@desk", Command: "up"}, Timeout: -1}
}

// ann is somebody who changes the project; she does not renew her lock.
func ann() kinds.LockHolder {
	return kinds.LockHolder{Run: "a", Who: "ann@hut", Command: "down", Process: "elsewhere"}
}

func TestTheLockOfADeadRunIsTakenOver(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		dead    func(string) bool
		renewed int // how often it is renewed yet
		from    time.Duration
		to      time.Duration
	}{
		"at once when its process is known to have ended": {func(p string) bool { return p == "elsewhere" }, 0, 0, time.Second},
		"when it stands still for half a minute":          {func(string) bool { return false }, 0, lockExpiry, lockExpiry + time.Second},
		"not while it is renewed":                         {nil, 4, lockExpiry + 4*lockBeat, lockExpiry + 5*lockBeat},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				locks := held(ann())
				e := New(Config{Plugins: newDoor(newWorld(), "b", locks)})
				go func() {
					other := newDoor(newWorld(), "a", locks)
					for beat := range c.renewed {
						time.Sleep(lockBeat)
						_, _ = other.Call(t.Context(), sdk.CallRequest{Verb: kinds.CallRenew, Request: json.RawMessage(`{"beat":` + string(rune('1'+beat)) + `}`)})
					}
				}()
				opts, begin := patient(), time.Now()
				opts.Dead = c.dead
				l, waited, err := e.Lock(t.Context(), "shop", opts)
				if err != nil || !waited {
					t.Fatal(waited, err)
				}
				if took := time.Since(begin); took < c.from || took > c.to {
					t.Errorf("it took %s", took)
				}
				l.Release()
				if len(locks.held) != 0 {
					t.Errorf("locks are left: %v", locks.held)
				}
			})
		})
	}
}

func TestALockIsWaitedForAsLongAsAskedFor(t *testing.T) {
	t.Parallel()
	for _, limit := range []time.Duration{0, 7 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			var said []string
			e := New(Config{Plugins: newDoor(newWorld(), "b", held(ann())), Events: func(e event.Event) { said = append(said, e.Text) }})
			opts, begin := patient(), time.Now()
			opts.Timeout = limit
			_, _, err := e.Lock(t.Context(), "shop", opts)
			if !errors.Is(err, resource.ErrConflict) || !strings.Contains(err.Error(), "icc down of ann@hut") || resource.Hint(err) == "" {
				t.Errorf("the error is %v", err)
			}
			if took := time.Since(begin); took < limit || took > limit+time.Second {
				t.Errorf("%s became %s", limit, took)
			}
			if told := slices.ContainsFunc(said, func(s string) bool { return strings.Contains(s, "ann@hut") }); told != (limit > 0) {
				t.Errorf("of a wait of %s was said %q", limit, said)
			}
		})
	}
}

func TestAnInterruptEndsTheWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		locks := held(ann())
		e := New(Config{Plugins: newDoor(newWorld(), "b", locks)})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		if _, _, err := e.Lock(ctx, "shop", patient()); !errors.Is(err, context.Canceled) {
			t.Errorf("the error is %v", err)
		}
		if len(locks.held) != 1 || locks.writes != 0 {
			t.Errorf("a wait wrote %d times, and left %v", locks.writes, locks.held)
		}
	})
}

func TestALockIsRenewedAndItsLossEndsTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		locks := held()
		e := New(Config{Plugins: newDoor(newWorld(), "b", locks)})
		l, waited, err := e.Lock(t.Context(), "shop", patient())
		if err != nil || waited {
			t.Fatal(waited, err)
		}
		ctx, cancel := l.Context(t.Context())
		defer cancel()
		time.Sleep(4*lockBeat + time.Second)
		locks.mu.Lock()
		if beat := locks.held["b"].Beat; beat != 4 {
			t.Errorf("the lock was renewed %d times", beat)
		}
		delete(locks.held, "b")
		locks.mu.Unlock()
		time.Sleep(lockExpiry)
		if !errors.Is(context.Cause(ctx), resource.ErrConflict) || l.Lost() == nil {
			t.Errorf("the run goes on without the lock: %v", context.Cause(ctx))
		}
		l.Release()
	})
}
