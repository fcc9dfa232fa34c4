package sdk

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/icc-project/icc/sdk/resource"
)

// Answer serves a verb of a Caller with a function of its decoded request, and encodes what that answers. A call without
// a request is one with a zero In; one that cannot be read fails with resource.ErrInvalidFormat.
func Answer[In, Out any](ctx context.Context, req CallRequest, do func(context.Context, In) (Out, error)) (json.RawMessage, error) {
	var in In
	if len(req.Request) > 0 {
		if err := json.Unmarshal(req.Request, &in); err != nil {
			return nil, resource.ErrInvalidFormat.WithText(fmt.Sprintf("reading the request of %q", req.Verb)).Wrap(err)
		}
	}
	out, err := do(ctx, in)
	if err != nil {
		return nil, err
	}
	return MustEncode(out), nil
}

// MustEncode returns the JSON form of outputs and answers, which are plain structures: that one of them has none is a
// mistake in the plugin, and a panic.
func MustEncode(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("encoding %T: %v", v, err))
	}
	return raw
}
