package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/sdk/resource"
)

// starts takes note of what a run starts: false while that goes on, or when it was interrupted.
type starts struct {
	mu   sync.Mutex
	done map[resource.Ref]bool
}

// Handle is an event.Handler.
func (s *starts) Handle(e event.Event) {
	if e.Action != resource.ActionStart || e.Type != event.Started && e.Type != event.Done {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done == nil {
		s.done = make(map[resource.Ref]bool)
	}
	s.done[e.Ref] = e.Type == event.Done
}

// begun returns what the run has started, and what of it was interrupted.
func (s *starts) begun() (all, open []resource.Ref) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ref, done := range s.done {
		all = append(all, ref)
		if !done {
			open = append(open, ref)
		}
	}
	return all, open
}

// halt stops the services, and what was started for them, when the user has interrupted an `up` that would have stayed in
// the foreground while it started them.
func (s *session) halt(logs *logPrinter, begun, open []resource.Ref) error {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	s.glance = nil // it is older than what was done
	all, err := settled(s.cli.Context, s.instances, open)
	if err != nil {
		return fmt.Errorf("looking for what is to be stopped: %w", err)
	}
	services := s.cli.Args().Slice()
	f := &foreground{s: s, logs: logs}
	f.list = slices.DeleteFunc(all, func(i instance) bool {
		meant := len(services) == 0 || slices.Contains(services, i.Service) || slices.Contains(begun, i.Ref)
		return i.OneOff || !i.runs() || !meant
	})
	return f.interrupted(signals, nil, 0)
}

// settled returns the instances once the server has ended the starts that nobody waits for any more: it goes on with them
// after ctx has ended. A server that does not answer is not waited for longer than killing takes.
func settled(ctx ctx, look func(ctx) ([]instance, error), open []resource.Ref) ([]instance, error) {
	const patience, pause = 3 * time.Second, 200 * time.Millisecond
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), killGrace)
	defer cancel()
	for limit := time.Now().Add(patience); ; time.Sleep(pause) {
		all, err := look(ctx)
		starting := func(i instance) bool { return slices.Contains(open, i.Ref) && !i.runs() }
		if err != nil || time.Now().After(limit) || !slices.ContainsFunc(all, starting) {
			return all, err
		}
	}
}
