package engine

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// Run performs one action on one observed resource, outside of any plan: logs, for example.
func (e *Engine) Run(ctx context.Context, s resource.State, action resource.Action, opts resource.Options) error {
	p, err := e.plugins.Provider(ctx, s.Kind)
	if err != nil {
		return err
	}
	sink := event.Sink{Handler: e.emit, Ref: s.Ref, Action: action, IncusName: s.IncusName}
	_, err = p.Run(ctx, sdk.RunRequest{Resource: fromState(s), Action: action, State: s, Options: opts}, sink)
	return seen(describe(err, s.Ref, action), s.Ref, s.IncusName)
}

// RunKind performs an action that concerns a kind and no single resource, with a configuration of the action's own.
func (e *Engine) RunKind(ctx context.Context, kind resource.Kind, action resource.Action, config json.RawMessage) error {
	p, err := e.plugins.Provider(ctx, kind)
	if err != nil {
		return err
	}
	ref := resource.Ref{Kind: kind}
	req := sdk.RunRequest{Resource: resource.Resolved{Ref: ref, Config: config}, Action: action, Options: resource.NewOptions()}
	_, err = p.Run(ctx, req, event.Sink{Handler: e.emit, Ref: ref, Action: action})
	return describe(err, ref, action)
}

// Session connects to an observed resource and returns the exit code of what ran there.
func (e *Engine) Session(ctx context.Context, s resource.State, req sdk.SessionRequest, io sdk.SessionIO) (int, error) {
	p, err := e.plugins.Provider(ctx, s.Kind)
	if err != nil {
		return 0, err
	}
	sessions, ok := p.(sdk.Sessions)
	if !ok {
		return 0, resource.ErrUnsupportedAction.WithResource(s.Ref).WithText(fmt.Sprintf("kind %q has no sessions", s.Kind))
	}
	req.Resource, req.State = fromState(s), s
	code, err := sessions.Session(ctx, req, io)
	return code, seen(describe(err, s.Ref, resource.Action(req.Verb)), s.Ref, s.IncusName)
}

// Call performs a declared verb of the resource's kind.
func (e *Engine) Call(ctx context.Context, s resource.State, verb string, request json.RawMessage) (json.RawMessage, error) {
	p, err := e.plugins.Provider(ctx, s.Kind)
	if err != nil {
		return nil, err
	}
	caller, ok := p.(sdk.Caller)
	if !ok {
		return nil, resource.ErrUnsupportedAction.WithResource(s.Ref).WithText(fmt.Sprintf("kind %q has no verbs of its own", s.Kind))
	}
	out, err := caller.Call(ctx, sdk.CallRequest{Resource: fromState(s), State: s, Verb: verb, Request: request})
	return out, seen(describe(err, s.Ref, resource.Action(verb)), s.Ref, s.IncusName)
}

func fromState(s resource.State) resource.Resolved {
	return resource.Resolved{Ref: s.Ref, IncusName: s.IncusName, DependsOn: s.DependsOn}
}
