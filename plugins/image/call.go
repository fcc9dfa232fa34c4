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

// Call implements sdk.Caller.
func (p *provider) Call(ctx context.Context, req sdk.CallRequest) (json.RawMessage, error) {
	switch req.Verb {
	case kinds.CallCache:
		return called(ctx, req, p.listCache)
	case kinds.CallPrune:
		return called(ctx, req, p.prune)
	}
	return nil, resource.ErrUnsupportedAction.WithText(fmt.Sprintf("images have no verb %q", req.Verb))
}

// called puts a call into the form of its verb.
func called[In, Out any](ctx context.Context, req sdk.CallRequest, do func(context.Context, In) (Out, error)) (json.RawMessage, error) {
	var in In
	if len(req.Request) > 0 {
		if err := json.Unmarshal(req.Request, &in); err != nil {
			return nil, resource.ErrPlugin.WithText(fmt.Sprintf("reading the request of %q", req.Verb)).Wrap(err)
		}
	}
	out, err := do(ctx, in)
	if err != nil {
		return nil, err
	}
	return json.Marshal(out)
}
