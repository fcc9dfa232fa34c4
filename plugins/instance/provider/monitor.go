package provider

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/lifecycle"
	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/runstate"
	"github.com/icc-project/icc/sdk"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// monitor watches a started instance for a while: a service that ends, is started again or becomes unhealthy meanwhile
// does not work.
func (p *Provider) monitor(ctx context.Context, m *lifecycle.Manager, req sdk.RunRequest) (*lifecycle.Result, error) {
	m.Sink.Progress(resource.Progress{Percent: -1, Text: fmt.Sprintf("watching for %s", req.Options.Timeout)})
	_, s, err := p.see(ctx, m)
	if err != nil {
		return nil, err
	}
	if s == nil {
		if err := sdkincus.Pause(ctx, req.Options.Timeout); err != nil {
			return nil, err
		}
		return &lifecycle.Result{}, stillRuns(ctx, m)
	}
	defer s.close()
	if s.orders.Health != nil {
		if err := s.becomesHealthy(ctx); err != nil {
			return nil, err
		}
	}
	if err := s.steady(ctx, req.Options.Timeout); err != nil {
		return nil, err
	}
	m.Prove(ctx, s.inst)
	return &lifecycle.Result{}, nil
}

// becomesHealthy waits until the service is healthy, but not for one that ends and is started again.
func (s *supervised) becomesHealthy(ctx context.Context) error {
	wait, cancel := context.WithCancelCause(ctx)
	looked := make(chan struct{})
	go func() {
		defer close(looked)
		const pause = 500 * time.Millisecond
		for sdkincus.Pause(wait, pause) == nil {
			if state, err := s.state(wait); err == nil && (state.Restarts > 0 || state.Phase == initspec.PhaseRestarting) {
				cancel(s.startedAgain(ctx, state, ""))
			}
		}
	}()
	err := s.healthy(wait, 0)
	if cause := context.Cause(wait); cause != nil && ctx.Err() == nil {
		err = cause
	}
	cancel(nil)
	<-looked
	return err
}

// startedAgain is the error about a service that has ended and that its restart policy has started again.
func (s *supervised) startedAgain(ctx context.Context, state *initspec.State, when string) error {
	code := state.ExitCode
	return s.exited(ctx, runstate.Exit{Code: &code, Reason: state.Reason, Error: state.Error}, when+" and was started again")
}

// stillRuns is the error about an instance without icc-init that has ended or become unhealthy.
func stillRuns(ctx context.Context, m *lifecycle.Manager) error {
	inst, _, err := observe.Get(m.Server, m.Name)
	switch {
	case err != nil:
		return fmt.Errorf("reading instance %q: %w", m.Name, err)
	case !observe.Running(inst.StatusCode):
		return resource.ErrExited.WithText(fmt.Sprintf("%s is %s", m.Name, strings.ToLower(inst.Status))).
			WithHint("`icc logs` shows what it wrote")
	case observe.Health(inst) == resource.HealthUnhealthy:
		return resource.ErrUnhealthy.WithText(m.Name + " has become unhealthy").WithHint("`icc logs` shows what it wrote")
	case observe.Health(inst) == resource.HealthHealthy:
		m.Prove(ctx, inst)
	}
	return nil
}

// steady waits for the end of the service, and looks in the end whether it was started again or has become unhealthy.
func (s *supervised) steady(ctx context.Context, watch time.Duration) error {
	window, cancel := context.WithTimeout(ctx, watch)
	defer cancel()
	if s.inst.StatusCode != api.Stopped {
		_, err := s.await(window, "exit")
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil && window.Err() == nil {
			return err
		}
	}
	if err := s.look(); err != nil {
		return err
	}
	state, err := s.state(ctx)
	if err != nil {
		return fmt.Errorf("reading how %s is doing: %w", s.Name, err)
	}
	switch {
	case s.inst.StatusCode == api.Stopped, state.Ended():
		exit, err := s.ended(ctx)
		if err != nil {
			return err
		}
		return s.exited(ctx, exit, fmt.Sprintf(" within %s", watch))
	case state.Restarts > 0, state.Phase == initspec.PhaseRestarting:
		return s.startedAgain(ctx, state, fmt.Sprintf(" within %s", watch))
	case state.Health != nil && state.Health.Status == initspec.HealthUnhealthy:
		return s.unhealthy(ctx)
	}
	return nil
}
