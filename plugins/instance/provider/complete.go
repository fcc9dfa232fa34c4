package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/icc-project/icc/plugins/instance/lifecycle"
	"github.com/icc-project/icc/plugins/instance/runstate"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// complete blocks until the instance's process has ended its work. A failure is an error with its last words.
func (p *Provider) complete(ctx context.Context, m *lifecycle.Manager, req sdk.RunRequest) (*lifecycle.Result, error) {
	_, s, err := p.see(ctx, m)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return nil, noExitCode(m.Name)
	}
	defer s.close()
	ctx, cancel := bounded(ctx, req.Options.Timeout)
	defer cancel()
	m.Sink.Progress(waiting("completed"))
	exit, err := s.exit(ctx)
	switch {
	case timedOut(ctx, err):
		return nil, resource.ErrTimeout.WithText(fmt.Sprintf("%s has not ended within %s", m.Name, req.Options.Timeout)).
			WithHint("allow it more time, or see with `icc logs` what it does")
	case err != nil:
		return nil, err
	case exit.Code == nil:
		return nil, noExitCode(m.Name)
	case *exit.Code != 0:
		return nil, s.exited(ctx, exit, "")
	}
	return &lifecycle.Result{}, nil
}

// exited is the error about a process that has ended.
func (s *supervised) exited(ctx context.Context, exit runstate.Exit, when string) error {
	text := s.Name + " has ended" + when
	if exit.Code != nil {
		text = fmt.Sprintf("%s has ended with the exit code %d%s%s", s.Name, *exit.Code, because(exit), when)
	}
	return resource.ErrExited.WithText(text + s.lastWords(ctx)).WithHint("`icc logs` shows all that it wrote")
}

// because is the reason of an end that its exit code does not tell.
func because(exit runstate.Exit) string {
	switch {
	case exit.Reason == initspec.ReasonOOM:
		return " (it used more memory than it may)"
	case exit.Reason == initspec.ReasonSignal:
		return " (a signal ended it)"
	case exit.Error != "":
		return " (" + exit.Error + ")"
	}
	return ""
}

// noExitCode is the error about a process that nobody watches.
func noExitCode(name string) error {
	return resource.ErrUnsupported.WithText("nobody knows how the main process of " + name + " ends").
		WithHint("only services that icc-init runs have an exit code: no virtual machines, no images with an init of their own, not `x-icc: {init: off}`")
}

// bounded limits a wait; 0 means no limit.
func bounded(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	if limit <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, limit)
}

// timedOut tells a wait that took too long from one that failed or was given up.
func timedOut(ctx context.Context, err error) bool {
	return err != nil && errors.Is(context.Cause(ctx), context.DeadlineExceeded)
}
