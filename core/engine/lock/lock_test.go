package lock

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

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// server is what a server has of locks. It answers nobody while it stands still.
type server struct {
	mu     sync.Mutex
	held   map[string]kinds.LockHolder
	writes int
	still  time.Time
}

func newServer(holders ...kinds.LockHolder) *server {
	s := &server{held: make(map[string]kinds.LockHolder)}
	for _, h := range holders {
		s.held[h.Run] = h
	}
	return s
}

// desk is where the run of that name has its locks; said takes what the user is told.
func (s *server) desk(run string, said *[]string) Desk {
	call := func(ctx context.Context, _ resource.State, verb string, request json.RawMessage) (json.RawMessage, error) {
		return s.call(ctx, run, verb, request)
	}
	return Desk{Call: call, Notice: func(text string) {
		if said != nil {
			*said = append(*said, text)
		}
	}}
}

func (s *server) call(ctx context.Context, run, verb string, request json.RawMessage) (json.RawMessage, error) {
	s.mu.Lock()
	pause := time.Until(s.still)
	s.mu.Unlock()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(max(pause, time.Millisecond)):
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var ask struct {
		kinds.LockRequest
		kinds.LockRenewal
	}
	if err := json.Unmarshal(request, &ask); err != nil {
		return nil, err
	}
	h, mine := s.held[run]
	switch {
	case verb == kinds.CallUnlock:
		delete(s.held, run)
	case verb == kinds.CallRenew && !mine:
		return nil, resource.ErrNotFound
	case verb == kinds.CallRenew:
		h.Beat = ask.Beat
		s.held[run] = h
	default:
		if dead := ask.Dead; dead != nil && s.held[dead.Run].Beat == dead.Beat {
			delete(s.held, dead.Run)
		}
		for _, other := range s.held {
			return json.Marshal(kinds.LockAnswer{Other: &other})
		}
		ask.Holder.Run = run
		s.held[run] = ask.Holder
	}
	s.writes++
	return json.Marshal(kinds.LockAnswer{})
}

// standStill makes the server answer nobody for a while.
func (s *server) standStill(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.still = time.Now().Add(d)
}

// take removes the lock of a run, as others do who take it for dead.
func (s *server) take(run string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.held, run)
}

func (s *server) beat(run string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held[run].Beat
}

func patient() Options {
	return Options{Holder: kinds.LockHolder{Who: "bob@desk", Command: "up"}, Timeout: -1}
}

// ann is somebody who changes the project; she does not renew her lock.
func ann() kinds.LockHolder {
	return kinds.LockHolder{Run: "a", Who: "ann@hut", Command: "down", Process: "elsewhere"}
}

func TestTheLockOfADeadRunIsTakenOver(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		dead    func(string) bool
		renewed int           // how often it is renewed yet
		stands  time.Duration // for how long the server answers nobody
		from    time.Duration
		to      time.Duration
	}{
		"at once when its process is known to have ended":       {func(p string) bool { return p == "elsewhere" }, 0, 0, 0, time.Second},
		"when it stands still for half a minute":                {func(string) bool { return false }, 0, 0, expiry, expiry + time.Second},
		"not while it is renewed":                               {nil, 4, 0, expiry + 4*beat, expiry + 5*beat},
		"not for a time in which the server stood still itself": {nil, 0, 40 * time.Second, expiry + 39*time.Second, expiry + 41*time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newServer(ann())
				time.AfterFunc(2*time.Second, func() { s.standStill(c.stands) })
				go func() {
					for n := range c.renewed {
						time.Sleep(beat)
						request, _ := json.Marshal(kinds.LockRenewal{Beat: n + 1})
						_, _ = s.call(t.Context(), "a", kinds.CallRenew, request)
					}
				}()
				opts, begin := patient(), time.Now()
				opts.Dead = c.dead
				l, waited, err := s.desk("b", nil).Take(t.Context(), "shop", opts)
				if err != nil || !waited {
					t.Fatal(waited, err)
				}
				if took := time.Since(begin); took < c.from || took > c.to {
					t.Errorf("it took %s", took)
				}
				l.Release()
				if len(s.held) != 0 {
					t.Errorf("locks are left: %v", s.held)
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
			opts, begin := patient(), time.Now()
			opts.Timeout = limit
			_, _, err := newServer(ann()).desk("b", &said).Take(t.Context(), "shop", opts)
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
		s := newServer(ann())
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		if _, _, err := s.desk("b", nil).Take(ctx, "shop", patient()); !errors.Is(err, context.Canceled) {
			t.Errorf("the error is %v", err)
		}
		if len(s.held) != 1 || s.writes != 0 {
			t.Errorf("a wait wrote %d times, and left %v", s.writes, s.held)
		}
	})
}

// had returns a lock of the run b, and a context that ends with it.
func had(t *testing.T, s *server) (*Lock, context.Context) {
	t.Helper()
	l, waited, err := s.desk("b", nil).Take(t.Context(), "shop", patient())
	if err != nil || waited {
		t.Fatal(waited, err)
	}
	ctx, cancel := l.Context(t.Context())
	t.Cleanup(cancel)
	return l, ctx
}

func TestALockIsRenewedAndItsLossEndsTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		l, ctx := had(t, s)
		time.Sleep(4*beat + time.Second)
		if n := s.beat("b"); n != 4 {
			t.Errorf("the lock was renewed %d times", n)
		}
		s.take("b")
		time.Sleep(3 * beat)
		if !errors.Is(context.Cause(ctx), resource.ErrConflict) || l.Lost() == nil {
			t.Errorf("the run goes on without the lock: %v", context.Cause(ctx))
		}
		l.Release()
	})
}

// Incus answers nobody for half a minute when a volume is moved that somebody uses.
func TestAServerThatStandsStillCostsNobodyHisLock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		l, ctx := had(t, s)
		waiting, giveUp := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() {
			_, _, err := s.desk("c", nil).Take(waiting, "shop", patient())
			ended <- err
		}()
		time.Sleep(beat / 2)
		for range 3 {
			s.standStill(31 * time.Second)
			time.Sleep(31*time.Second + 2*beat)
		}
		if err := context.Cause(ctx); err != nil || s.beat("b") == 0 {
			t.Errorf("the holder lost the lock: %v", err)
		}
		giveUp()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("who waited got %v", err)
		}
		l.Release()
	})
}

func TestARunThatWasAwayTooLongEndsWithTheFirstAnswer(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]time.Duration{
		"when its lock was taken over meanwhile":   42 * time.Second,
		"when the server does not answer any more": giveUp + beat,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newServer()
				l, ctx := had(t, s)
				s.standStill(away)
				s.take("b")
				time.Sleep(away + beat/2)
				if err := context.Cause(ctx); !errors.Is(err, resource.ErrConflict) {
					t.Errorf("the run goes on: %v", err)
				}
				l.Release()
			})
		})
	}
}

func TestGivingALockBackDoesNotWaitForItsRenewal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		l, _ := had(t, s)
		s.standStill(time.Minute)
		time.Sleep(beat + time.Second)
		begin := time.Now()
		l.Release()
		if took := time.Since(begin); took > end {
			t.Errorf("it took %s", took)
		}
	})
}
