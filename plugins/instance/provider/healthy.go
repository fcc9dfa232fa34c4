package provider

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// healthy blocks until icc-init has found the service healthy. Automatic restarts do not end the wait.
func (s *supervised) healthy(ctx context.Context, limit time.Duration) error {
	switch {
	case s.orders.Health == nil:
		return s.goesOn(ctx)
	case s.inst.StatusCode == api.Ready && !s.doubted(ctx):
		return nil
	case s.inst.StatusCode == api.Stopped:
		return s.endedBefore(ctx)
	}
	s.Sink.Progress(waiting("healthy"))
	code, err := s.await(ctx, "healthy")
	switch {
	case timedOut(ctx, err):
		return s.lateHealth(context.WithoutCancel(ctx), limit)
	case err != nil:
		return err
	}
	switch code {
	case initspec.WaitDone:
		return nil
	case initspec.WaitUnhealthy:
		return s.unhealthy(ctx)
	case initspec.WaitNoTest:
		return noHealthTest(s.Name)
	}
	return s.endedBefore(ctx)
}

// doubted says whether icc-init has found otherwise than the server says, which hears of it a moment later.
func (s *supervised) doubted(ctx context.Context) bool {
	state, err := s.state(ctx)
	return err == nil && state.Health != nil && state.Health.Status != initspec.HealthHealthy
}

// firstLook is how long after its start a service without a health test has to run to count as one that goes on. Docker
// looks as long after it.
const firstLook = 500 * time.Millisecond

// goesOn is the error about a service without a health test: nobody can tell its health, but whether it has ended.
func (s *supervised) goesOn(ctx context.Context) error {
	if s.inst.StatusCode != api.Stopped {
		state, err := s.state(ctx)
		if err != nil {
			return noHealthTest(s.Name)
		}
		left := firstLook - time.Since(state.StartedAt) // a remote server's clock may be any
		if !state.Ended() {
			if left <= 0 {
				return noHealthTest(s.Name)
			}
			soon, cancel := context.WithTimeout(ctx, min(left, firstLook))
			defer cancel()
			if _, err := s.await(soon, "exit"); err != nil {
				// It may have ended while the question was on its way.
				if state, err := s.state(ctx); err != nil || !state.Ended() {
					return noHealthTest(s.Name)
				}
			}
		}
	}
	exit, err := s.exit(ctx)
	if err != nil {
		return err
	}
	return resource.AsError(s.exited(ctx, exit, "")).
		WithHint("services are expected to go on running, unless another one depends on them with `service_completed_successfully`")
}

// endedBefore is the error about a service that has ended before it was healthy.
func (s *supervised) endedBefore(ctx context.Context) error {
	exit, err := s.exit(ctx)
	if err != nil {
		return err
	}
	return s.exited(ctx, exit, " before it was healthy")
}

// unhealthy is the error about a service whose test has failed too often.
func (s *supervised) unhealthy(ctx context.Context) error {
	text := s.Name + " is unhealthy"
	if state, err := s.state(ctx); err == nil && state.Health != nil {
		text += fmt.Sprintf(": its health test has failed %d times in a row%s", state.Health.FailingStreak, s.lastOutput(state.Health))
	}
	return resource.ErrUnhealthy.WithText(text).WithHint("`icc logs` shows what the service itself wrote")
}

// lateHealth is the error about a service that is not healthy in time.
func (s *supervised) lateHealth(ctx context.Context, limit time.Duration) error {
	const patience = 2 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	text := fmt.Sprintf("%s is not healthy within %s", s.Name, limit)
	if state, err := s.state(ctx); err == nil && state.Health != nil {
		text += s.lastOutput(state.Health)
	}
	return resource.ErrTimeout.WithText(text).WithHint("allow it more time, or see with `icc logs` what it does")
}

// defaultTimeout is that of a health test that has none.
const defaultTimeout = 30 * time.Second

// lastOutput is what the latest test has shown.
func (s *supervised) lastOutput(h *initspec.HealthState) string {
	if len(h.Log) == 0 {
		return "; it was not tested yet"
	}
	last := h.Log[len(h.Log)-1]
	output := strings.TrimSpace(last.Output)
	switch {
	case last.ExitCode < 0:
		return fmt.Sprintf("; the latest test took longer than %s", cmp.Or(s.orders.Health.Timeout, defaultTimeout))
	case output == "":
		return fmt.Sprintf("; the latest test ended with the exit code %d and wrote nothing", last.ExitCode)
	}
	return fmt.Sprintf("; the latest test ended with the exit code %d: %s", last.ExitCode, output)
}
