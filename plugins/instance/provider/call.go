package provider

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/icc-project/icc/plugins/instance/lifecycle"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// Call implements sdk.Caller: the verbs of package kinds, and "port", which answers with the kinds.Port that publishes
// a port of the instance.
func (p *Provider) Call(ctx context.Context, req sdk.CallRequest) (json.RawMessage, error) {
	if req.Verb == callPort {
		return publishedPort(req)
	}
	calls := map[string]func(context.Context, *lifecycle.Manager, json.RawMessage) (any, error){
		kinds.CallKill: p.kill, kinds.CallTop: p.top, kinds.CallExit: p.exit,
	}
	call := calls[req.Verb]
	if call == nil {
		return nil, resource.ErrUnsupportedAction.WithText(fmt.Sprintf("instances know no verb %q", req.Verb))
	}
	m, err := p.manager(ctx, sdk.RunRequest{Resource: req.Resource, State: req.State}, resource.Discard{})
	if err != nil {
		return nil, err
	}
	answer, err := call(ctx, m, req.Request)
	if err != nil || answer == nil {
		return nil, resource.About(err, req.Resource.Ref, "")
	}
	return json.Marshal(answer)
}

// exit is kinds.CallExit.
func (p *Provider) exit(ctx context.Context, m *lifecycle.Manager, raw json.RawMessage) (any, error) {
	var ask kinds.ExitRequest
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &ask); err != nil {
			return nil, resource.ErrInvalidFormat.Wrap(err)
		}
	}
	_, s, err := p.see(ctx, m)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return nil, noExitCode(m.Name)
	}
	defer s.close()
	exit, err := s.exit(ctx)
	if err != nil {
		return nil, err
	}
	if exit.Code == nil {
		return nil, noExitCode(m.Name)
	}
	if ask.Settled {
		m.AwaitStopped(ctx)
	}
	return kinds.Exit{Code: *exit.Code, Reason: exit.Reason, Error: exit.Error}, nil
}
