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
	defer s.close()
	l, err := s.locks()
	if err != nil {
		return nil, err
	}
	switch req.Verb {
	case kinds.CallLock:
		var lock kinds.LockRequest
		if err := read(req, &lock); err != nil {
			return nil, err
		}
		answer, err := l.take(ctx, s.settings.ComposeProject, lock)
		if err != nil {
			return nil, err
		}
		return encode(answer)
	case kinds.CallRenew:
		var renewal kinds.LockRenewal
		if err := read(req, &renewal); err != nil {
			return nil, err
		}
		return nil, l.renew(renewal.Beat)
	case kinds.CallUnlock:
		return nil, l.release()
	}
	return nil, resource.ErrUnsupportedAction.WithText(fmt.Sprintf("projects have no verb %q", req.Verb))
}

func read(req sdk.CallRequest, into any) error {
	if err := json.Unmarshal(req.Request, into); err != nil {
		return resource.ErrPlugin.WithText(fmt.Sprintf("reading the request of %q", req.Verb)).Wrap(err)
	}
	return nil
}
