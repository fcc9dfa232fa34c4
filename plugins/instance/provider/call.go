package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/icc-project/icc/plugins/instance/lifecycle"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// Call implements sdk.Caller: the verbs of package kinds, and "port", which answers with the kinds.Port that publishes
// a port of the instance.
func (p *Provider) Call(ctx context.Context, req sdk.CallRequest) (json.RawMessage, error) {
	if !slices.Contains(calls(), req.Verb) {
		return nil, resource.ErrUnsupportedAction.WithText(fmt.Sprintf("instances know no verb %q", req.Verb))
	}
	if req.Verb == callPort {
		return sdk.Answer(ctx, req, func(_ context.Context, ask portRequest) (kinds.Port, error) { return publishedPort(req.State, ask) })
	}
	m, err := p.manager(ctx, sdk.RunRequest{Resource: req.Resource, State: req.State}, resource.Discard{})
	if err != nil {
		return nil, err
	}
	answer, err := p.call(ctx, m, req)
	return answer, resource.About(err, req.Resource.Ref, "")
}

func (p *Provider) call(ctx context.Context, m *lifecycle.Manager, req sdk.CallRequest) (json.RawMessage, error) {
	switch req.Verb {
	case kinds.CallKill:
		_, err := sdk.Answer(ctx, req, func(ctx context.Context, ask kinds.KillRequest) (struct{}, error) {
			return struct{}{}, p.kill(ctx, m, ask)
		})
		return nil, err
	case kinds.CallTop:
		return sdk.Answer(ctx, req, func(ctx context.Context, _ struct{}) (initspec.Processes, error) { return p.top(ctx, m) })
	default:
		return sdk.Answer(ctx, req, func(ctx context.Context, ask kinds.ExitRequest) (kinds.Exit, error) { return p.exit(ctx, m, ask) })
	}
}

// exit is kinds.CallExit.
func (p *Provider) exit(ctx context.Context, m *lifecycle.Manager, ask kinds.ExitRequest) (kinds.Exit, error) {
	_, s, err := p.see(ctx, m)
	if err != nil {
		return kinds.Exit{}, err
	}
	if s == nil {
		return kinds.Exit{}, noExitCode(m.Name)
	}
	defer s.close()
	exit, err := s.exit(ctx)
	if err != nil {
		return kinds.Exit{}, err
	}
	if exit.Code == nil {
		return kinds.Exit{}, noExitCode(m.Name)
	}
	if ask.Settled {
		m.AwaitStopped(ctx)
	}
	return kinds.Exit{Code: *exit.Code, Reason: exit.Reason, Error: exit.Error}, nil
}
