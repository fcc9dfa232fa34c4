package health

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// Monitor repeats a health test for as long as a service runs, with Docker's timing: the first one an interval after
// the start, at the start interval within the start period, in which failures do not count.
type Monitor struct {
	Check kinds.Healthcheck
	// Started is when the service was started; tests that were due before now begin at once.
	Started time.Time
	// Status is what is known of this run already; empty means starting.
	Status string
	Test   Test
	// Report receives each change of the status.
	Report func(Finding)
}

// Finding is a status that differs from the one before.
type Finding struct {
	Status string
	// Failures is the number of failed tests in a row.
	Failures int
	// Output is the end of what the latest test wrote, and why it could not be run.
	Output string
}

// Run tests until ctx ends or the service does not run any more, which is an error that wraps resource.ErrNotRunning or
// resource.ErrNotFound.
func (m Monitor) Run(ctx context.Context) error {
	h := withDefaults(m.Check)
	now := Finding{Status: cmp.Or(m.Status, resource.HealthStarting)}
	if now.Status == resource.HealthUnhealthy {
		now.Failures = h.Retries
	}
	starting := func(at time.Time) bool {
		return now.Status == resource.HealthStarting && at.Sub(m.Started) < h.StartPeriod
	}
	pause := func() time.Duration {
		if starting(time.Now()) {
			return h.StartInterval
		}
		return h.Interval
	}
	first := h.Interval
	if h.StartPeriod > 0 {
		first = h.StartInterval
	}
	timer := time.NewTimer(min(time.Until(m.Started.Add(first)), first)) // the server's clock may be ahead
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-timer.C:
		}
		begin, before := time.Now(), now.Status
		output, ok, err := try(ctx, h.Timeout, m.Test)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, resource.ErrNotRunning), errors.Is(err, resource.ErrNotFound):
			return err
		case undecided(err):
		case ok:
			now = Finding{Status: resource.HealthHealthy, Output: output}
		case !starting(begin):
			now.Failures, now.Output = now.Failures+1, output
			if now.Failures >= h.Retries {
				now.Status = resource.HealthUnhealthy
			}
		}
		if now.Status != before {
			m.Report(now)
		}
		timer.Reset(pause())
	}
}

// undecided says that the server was not there to run the test, which tells nothing of the service.
func undecided(err error) bool {
	return errors.Is(err, resource.ErrConnectionFailed) || errors.Is(err, resource.ErrDisconnected)
}
