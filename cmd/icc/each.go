package main

import (
	"errors"
	"sync"
	"time"

	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/sdk/resource"
)

// onEach does something with all instances at once and shows it like the actions of a plan. It returns every error.
func (s *session) onEach(ctx ctx, list []instance, action resource.Action, do func(instance) error) error {
	if dryRun(s.cli) {
		for _, i := range list {
			s.note([]resource.Diagnostic{{Severity: resource.SeverityInfo, Text: string(action) + " " + i.name()}})
		}
		return nil
	}
	show := event.Serial(s.view.Handle)
	errs := make([]error, len(list))
	var all sync.WaitGroup
	for n, i := range list {
		all.Go(func() {
			e := event.Event{Ref: i.Ref, Action: action, IncusName: i.name(), Percent: -1}
			begin := time.Now()
			e.Type = event.Started
			show(e)
			errs[n] = do(i)
			e.Type, e.Elapsed, e.Changed = event.Done, time.Since(begin), true
			if errs[n] != nil {
				e.Type, e.Err, e.Changed = event.Failed, errs[n], false
			}
			show(e)
		})
	}
	all.Wait()
	return errors.Join(errs...)
}
