package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/sdk/wire"
)

// exitDelay is how long the end of a process may lag behind the end of its connection.
const exitDelay = 10 * time.Second

// supervised is a plugin as its users see it: each call starts the process when there is none, gives it the current
// settings, and says what happened when it dies.
type supervised struct{ program *program }

var (
	_ sdk.Provider = (*supervised)(nil)
	_ sdk.Sessions = (*supervised)(nil)
	_ sdk.Caller   = (*supervised)(nil)
	_ sdk.Builder  = (*supervised)(nil)
)

// with calls f with a running and configured process. doing says what for, in messages.
func with[T any](ctx context.Context, s *supervised, doing string, f func(*wire.Client) (T, error)) (T, error) {
	var none T
	proc, err := s.program.ready(ctx)
	if err != nil {
		return none, err
	}
	result, err := f(proc.rpc)
	if err != nil {
		return none, s.program.explain(ctx, proc, doing, err)
	}
	return result, nil
}

// ready returns a process that has the current settings.
func (p *program) ready(ctx context.Context) (*process, error) {
	proc, err := p.running(ctx)
	if err != nil {
		return nil, err
	}
	generation, settings := p.host.settingsFor(p)
	bounded, cancel := context.WithTimeout(ctx, p.host.opts.StartTimeout)
	defer cancel()
	err = proc.configure(bounded, generation, settings)
	switch {
	case err == nil:
		return proc, nil
	case tooLate(bounded, err) && ctx.Err() == nil:
		return nil, p.mute(proc, "take its settings")
	}
	return nil, p.explain(ctx, proc, "taking its settings", err)
}

// mute ends a process that does not answer what must be answered at once, and says so.
func (p *program) mute(proc *process, what string) error {
	go proc.end(0)
	return proc.failed(fmt.Sprintf("did not %s within %s", what, p.host.opts.StartTimeout)).
		WithHint("see what it says with --debug; replace or remove " + p.path)
}

// explain turns the loss of the connection into the plugin's obituary. Other errors are the plugin's own.
func (p *program) explain(ctx context.Context, proc *process, doing string, err error) error {
	if !wire.Lost(err) {
		return err
	}
	select {
	case <-proc.child.exited:
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(exitDelay): // it lives, but cannot be talked to
		go proc.end(0)
		return err
	}
	if p.host.closing() {
		return resource.ErrAborted.WithText("icc is ending")
	}
	return resource.ErrPluginCrash.
		WithText(fmt.Sprintf("plugin %q crashed while %s: %s", p.name, doing, proc.obituary())).
		WithHint("this is a defect of " + p.path + "; it is started again when it is needed next")
}

// obituary says how the process ended, and its last words. They are complete once its output has been read to the end.
func (p *process) obituary() string {
	deadline := time.Now().Add(drainTime + 100*time.Millisecond)
	for !p.client.Exited() && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	return p.child.how() + p.saying()
}

// Describe implements sdk.Provider and sdk.Builder. It starts nothing when the description is known.
func (s *supervised) Describe(ctx context.Context) (*sdk.Description, error) {
	return s.program.describe(ctx, true)
}

// Configure implements sdk.Provider and sdk.Builder by changing the settings of the whole host.
func (s *supervised) Configure(_ context.Context, settings sdk.Settings) error {
	s.program.host.SetSettings(settings)
	return nil
}

// Resolve implements sdk.Provider.
func (s *supervised) Resolve(ctx context.Context, decls []resource.Declaration) (*sdk.Resolution, error) {
	return with(ctx, s, "reading declarations", func(c *wire.Client) (*sdk.Resolution, error) {
		return c.Resolve(ctx, decls)
	})
}

// Plan implements sdk.Provider.
func (s *supervised) Plan(ctx context.Context, req sdk.PlanRequest) (*sdk.PlanResult, error) {
	return with(ctx, s, fmt.Sprintf("planning the kind %s", req.Kind), func(c *wire.Client) (*sdk.PlanResult, error) {
		return c.Plan(ctx, req)
	})
}

// Look implements sdk.Looker.
func (s *supervised) Look(ctx context.Context, kind resource.Kind) (json.RawMessage, error) {
	return with(ctx, s, fmt.Sprintf("looking at the kind %s", kind), func(c *wire.Client) (json.RawMessage, error) {
		return c.Look(ctx, kind)
	})
}

// Run implements sdk.Provider.
func (s *supervised) Run(ctx context.Context, req sdk.RunRequest, sink resource.Sink) (*sdk.RunResult, error) {
	doing := fmt.Sprintf("running %s of %s %s", req.Action, req.Resource.Kind, req.Resource.Name)
	return with(ctx, s, doing, func(c *wire.Client) (*sdk.RunResult, error) { return c.Run(ctx, req, sink) })
}

// Session implements sdk.Sessions.
func (s *supervised) Session(ctx context.Context, req sdk.SessionRequest, io sdk.SessionIO) (int, error) {
	doing := fmt.Sprintf("running %s in %s", req.Verb, req.Resource.Name)
	return with(ctx, s, doing, func(c *wire.Client) (int, error) { return c.Session(ctx, req, io) })
}

// Call implements sdk.Caller.
func (s *supervised) Call(ctx context.Context, req sdk.CallRequest) (json.RawMessage, error) {
	return with(ctx, s, fmt.Sprintf("answering %s", req.Verb), func(c *wire.Client) (json.RawMessage, error) {
		return c.Call(ctx, req)
	})
}

// Probe implements sdk.Builder.
func (s *supervised) Probe(ctx context.Context) (*sdk.Probe, error) {
	return with(ctx, s, "looking for its tool", func(c *wire.Client) (*sdk.Probe, error) { return c.Probe(ctx) })
}

// Build implements sdk.Builder.
func (s *supervised) Build(ctx context.Context, req kinds.BuildRequest, sink resource.Sink) (*kinds.BuildResult, error) {
	return with(ctx, s, "building "+req.Name, func(c *wire.Client) (*kinds.BuildResult, error) {
		return c.Build(ctx, req, sink)
	})
}

// tooLate reports whether a call ended because its time was up. gRPC keeps a clock of its own, which can be ahead of
// the context's.
func tooLate(bounded context.Context, err error) bool {
	return bounded.Err() != nil || errors.Is(err, context.DeadlineExceeded)
}
