package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

var _ sdk.Caller = (*provider)(nil)

func calls() []string { return []string{kinds.CallLock, kinds.CallRenew, kinds.CallUnlock} }

// Call implements sdk.Caller.
func (p *provider) Call(ctx context.Context, req sdk.CallRequest) (json.RawMessage, error) {
	s, err := p.connect(ctx)
	if err != nil {
		return nil, err
	}
	l, err := s.locks()
	if err != nil {
		return nil, err
	}
	switch req.Verb {
	case kinds.CallLock:
		return sdk.Answer(ctx, req, func(ctx context.Context, lock kinds.LockRequest) (kinds.LockAnswer, error) {
			return l.take(ctx, s.settings.ComposeProject, lock)
		})
	case kinds.CallRenew:
		return sdk.Answer(ctx, req, func(_ context.Context, renewal kinds.LockRenewal) (struct{}, error) {
			return struct{}{}, l.renew(renewal.Beat)
		})
	case kinds.CallUnlock:
		return nil, l.release()
	}
	return nil, resource.ErrUnsupportedAction.WithText(fmt.Sprintf("projects have no verb %q", req.Verb))
}
