package main

import (
	"testing"

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
