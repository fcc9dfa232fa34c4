package engine

import (
	"context"
	"encoding/json"
	"sync"

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
