package engine

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// satisfy gives a plugin what it asked for. done releases what the answer occupies; it is never nil without error.
func (e *Engine) satisfy(ctx context.Context, need sdk.Need, sink resource.Sink) (in resource.Input, done func(), err error) {
	if need.Kind != sdk.NeedBuild {
		return in, nil, resource.ErrPlugin.WithText(fmt.Sprintf("the plugin asks for %q, which this icc does not know", need.Kind)).
			WithHint("the plugin may be made for a newer icc")
	}
	var req kinds.BuildRequest
	if err := json.Unmarshal(need.Request, &req); err != nil {
		return in, nil, resource.ErrPlugin.WithText("reading a build request").Wrap(err)
	}
	builder, err := e.chosenBuilder(ctx)
	if err != nil {
		return in, nil, err
	}
	if req.OutputDir, done, err = makeBuildDir(buildDirs); err != nil {
		return in, nil, err
	}
	if err := e.stdin.fill(ctx, &req); err != nil {
		done()
		return in, nil, err
	}
	result, err := builder.Build(ctx, req, sink)
	if err != nil {
		done()
		return in, nil, err
	}
	outputs, err := json.Marshal(result)
	if err != nil {
		done()
		return in, nil, err
	}
	return resource.Input{Ref: resource.Ref{Kind: need.Kind, Name: need.Name}, Outputs: outputs}, done, nil
}
