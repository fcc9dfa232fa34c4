package conformance

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/icc-project/icc/sdk/resource"
)

const (
	// maxMoments bounds the moments at which an ensure is cancelled.
	maxMoments = 30
	// undoTime is how long a cancelled action may take to undo what it did.
	undoTime = time.Minute
	// calmTime is how long nothing may turn up after that.
	calmTime = 400 * time.Millisecond
)

// cancelled cancels the ensure of one resource of each kind: before it begins, and then at each of its requests to the
// server, or after a growing time where there is none to count.
func cancelled(t testing.TB, s *subject) {
	for _, kind := range s.kinds() {
		for moment := range maxMoments {
			if !s.cancelAt(t, kind, moment) || t.Failed() {
				break
			}
		}
		s.clear(t)
	}
}

// cancelAt returns false when the ensure is over before the moment comes.
func (s *subject) cancelAt(t testing.TB, kind resource.Kind, moment int) bool {
	t.Helper()
	settings := s.Settings
	var d *desk
	if settings.IncusSocket != "" {
		d = newDesk(t, settings.IncusSocket)
		settings.IncusSocket = d.socket
	}
	w := s.begin(t, settings)
	r := resource.ByKind(w.resolved, kind)[0]
	for _, needed := range w.needed(r) {
		w.must(w.request(needed, resource.ActionEnsure))
	}
	req := w.request(r, resource.ActionEnsure)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	when := arm(d, moment, cancel)
	_, err := w.run(ctx, req)
	came := ctx.Err() != nil
	if d != nil {
		d.onRequest(nil)
	}
	switch {
	case err == nil && moment == 0:
		t.Errorf("ensure of %s succeeds although its context ended before", r.Ref)
	case err == nil:
		w.must(w.request(r, resource.ActionDelete))
	case !errors.Is(err, context.Canceled) && !errors.Is(err, resource.ErrAborted):
		t.Errorf("ensure of %s, cancelled %s, fails with %v, want %v", r.Ref, when, err, resource.ErrAborted)
	default:
		w.undone(r, when, moment > 0, d)
	}
	return came
}

// arm sees to it that cancel is called at the moment, and says when that is.
func arm(d *desk, moment int, cancel context.CancelFunc) string {
	switch {
	case moment == 0:
		cancel()
		return "before it begins"
	case d == nil:
		after := 100 * time.Microsecond << moment
		time.AfterFunc(after, cancel)
		return fmt.Sprintf("after %s", after)
	}
	d.onRequest(func(number int) {
		if number == moment {
			cancel()
		}
	})
	return fmt.Sprintf("at its request %d", moment)
}

// undone waits until nothing is left of a resource, and that it stays so. A server may finish what it has begun: then
// the whole resource is there, as the next ensure would want it. An ensure that never began must not begin.
func (w *walk) undone(r resource.Resolved, when string, begun bool, d *desk) {
	w.t.Helper()
	var since time.Time
	var seen resource.Class
	for deadline := time.Now().Add(w.s.patience); ; time.Sleep(20 * time.Millisecond) {
		state, change := w.look(r)
		whole := begun && state.Exists && change.Class == resource.ClassNone
		switch {
		case state.Exists && !whole, change.Class != seen, d != nil && d.busy():
			since, seen = time.Now(), change.Class
		case time.Since(since) <= calmTime:
		case whole:
			w.must(w.request(r, resource.ActionDelete))
			return
		default:
			w.missing("a cancelled ensure", r)
			return
		}
		if time.Now().After(deadline) {
			w.t.Errorf("ensure of %s, cancelled %s, leaves it behind, with the change %q: %s %+v", r.Ref, when, change.Class, change.Reason, change.Fields)
			return
		}
	}
}
