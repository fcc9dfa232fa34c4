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
		return sdk.Answer(ctx, req, p.listCache)
	case kinds.CallPrune:
		return sdk.Answer(ctx, req, p.prune)
	}
	return nil, resource.ErrUnsupportedAction.WithText(fmt.Sprintf("images have no verb %q", req.Verb))
}
