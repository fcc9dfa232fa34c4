package health

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// Docker's defaults.
const (
	defaultInterval      = 30 * time.Second
	defaultTimeout       = 30 * time.Second
	defaultStartInterval = 5 * time.Second
	defaultRetries       = 3
)

// Test runs the health test once. An error that wraps resource.ErrNotRunning ends the wait; every other one counts as
// a failed test.
type Test func(ctx context.Context) (exitCode int, output string, err error)

// Wait tests until the service is healthy. It returns resource.ErrUnhealthy with the last output when the retries are
// used up or the service has ended. It begins at once and tests often at first, so that nobody waits a whole interval
// for a service that is ready; failures before the first interval has passed do not count, as they would not occur in
// Docker.
func Wait(ctx context.Context, h kinds.Healthcheck, test Test) error {
	h = withDefaults(h)
	grace := max(h.StartPeriod, h.Interval)
	begin, failures, pause := time.Now(), 0, eagerPause
	for {
		output, ok, err := try(ctx, h.Timeout, test)
		switch {
		case ok:
			return nil
		case ctx.Err() != nil:
			return ended(ctx, output)
		case errors.Is(err, resource.ErrNotRunning):
			return unhealthy("it has stopped", output).Wrap(err)
		}
		next := h.Interval
		if elapsed := time.Since(begin); elapsed < grace {
			next = min(pause, grace-elapsed)
			pause = min(2*pause, h.StartInterval, h.Interval)
		} else if failures++; failures >= h.Retries {
			return unhealthy(fmt.Sprintf("its health test failed %d times", failures), output)
		}
		timer := time.NewTimer(max(next, time.Millisecond))
		select {
		case <-ctx.Done():
			timer.Stop()
			return ended(ctx, output)
		case <-timer.C:
		}
	}
}

// eagerPause is the first pause between two tests; it doubles up to the start interval.
const eagerPause = 100 * time.Millisecond

func withDefaults(h kinds.Healthcheck) kinds.Healthcheck {
	for _, d := range []struct {
		value   *time.Duration
		instead time.Duration
	}{
		{&h.Interval, defaultInterval}, {&h.Timeout, defaultTimeout}, {&h.StartInterval, defaultStartInterval},
	} {
		if *d.value <= 0 {
			*d.value = d.instead
		}
	}
	if h.Retries <= 0 {
		h.Retries = defaultRetries
	}
	return h
}

// try runs the test once within its timeout.
func try(ctx context.Context, timeout time.Duration, test Test) (output string, ok bool, err error) {
	bounded, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	code, output, err := test(bounded)
	if err != nil {
		if bounded.Err() != nil && ctx.Err() == nil {
			err = fmt.Errorf("the health test took longer than %s", timeout)
		}
		return strings.TrimSpace(output + "\n" + err.Error()), false, err
	}
	return output, code == 0, nil
}

func unhealthy(why, output string) *resource.Error {
	text := why
	if output = strings.TrimSpace(output); output != "" {
		text += "; its last output: " + output
	}
	return resource.ErrUnhealthy.WithText(text).WithHint("`icc logs` shows what the service itself wrote")
}

// ended tells a wait that took too long from one that was given up.
func ended(ctx context.Context, output string) error {
	if !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return context.Cause(ctx)
	}
	return resource.ErrTimeout.WithText("not healthy in time").Wrap(unhealthy("still starting", output))
}

// Command returns the argv of a test as Compose writes it.
func Command(test []string) ([]string, error) {
	if len(test) > 1 {
		switch test[0] {
		case "CMD":
			return test[1:], nil
		case "CMD-SHELL":
			return []string{"/bin/sh", "-c", test[1]}, nil
		}
	}
	return nil, resource.ErrConfig.WithText(fmt.Sprintf("%q is not a health test", test)).
		WithHint(`write ["CMD", …] or ["CMD-SHELL", "…"]`)
}
