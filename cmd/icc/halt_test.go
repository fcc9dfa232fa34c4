package main

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/sdk/resource"
)

func TestStartsThatAreNotDoneStayOpen(t *testing.T) {
	t.Parallel()
	db, web := resource.Ref{Kind: resource.KindInstance, Name: "db-1"}, resource.Ref{Kind: resource.KindInstance, Name: "web-1"}
	var s starts
	for _, e := range []event.Event{
		{Ref: web, Action: resource.ActionEnsure, Type: event.Started}, {Ref: db, Action: resource.ActionStart, Type: event.Started},
		{Ref: db, Action: resource.ActionStart, Type: event.Done}, {Ref: web, Action: resource.ActionStop, Type: event.Started},
	} {
		s.Handle(e)
	}
	all, open := s.begun()
	if diff := cmp.Diff([]resource.Ref{db}, all); diff != "" || len(open) > 0 {
		t.Errorf("open are %v; begun (-want +got):\n%s", open, diff)
	}
	s.Handle(event.Event{Ref: web, Action: resource.ActionStart, Type: event.Started})
	s.Handle(event.Event{Ref: web, Action: resource.ActionStart, Type: event.Failed})
	if all, open = s.begun(); len(all) != 2 || len(open) != 1 || open[0] != web {
		t.Errorf("begun are %v, open %v", all, open)
	}
}

func TestStartsThatGoOnAreWaitedFor(t *testing.T) {
	t.Parallel()
	web := resource.Ref{Kind: resource.KindInstance, Name: "web-1"}
	interrupted, interrupt := context.WithCancel(t.Context())
	interrupt()
	for name, c := range map[string]struct {
		starts time.Duration // until it runs
		hangs  bool          // the server does not answer
		took   time.Duration
	}{
		"one that has ended":            {0, false, 0},
		"one that ends":                 {time.Second, false, time.Second},
		"one that does not end":         {time.Hour, false, 3200 * time.Millisecond},
		"a server that does not answer": {0, true, killGrace},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				look := func(ctx context.Context) ([]instance, error) {
					if c.hangs {
						<-ctx.Done()
						return nil, ctx.Err()
					}
					s := resource.State{Ref: web, Status: resource.StatusStopped}
					if time.Since(begin) >= c.starts {
						s.Status = resource.StatusRunning
					}
					return []instance{{State: s}}, ctx.Err()
				}
				all, err := settled(interrupted, look, []resource.Ref{web})
				if took := time.Since(begin); took != c.took {
					t.Errorf("it took %s, want %s", took, c.took)
				}
				// A user who has interrupted the run is told of nothing that was merely cancelled.
				if (err != nil) != c.hangs || errors.Is(err, context.Canceled) || err == nil && len(all) != 1 {
					t.Errorf("got %v, %v", all, err)
				}
			})
		})
	}
}
