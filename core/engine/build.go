package engine

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/icc-project/icc/core/rundir"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// satisfy gives a plugin what it asked for. done releases what the answer occupies; it is never nil without error.
func (r *run) satisfy(ctx context.Context, asker resource.Resolved, need sdk.Need, sink resource.Sink) (in resource.Input, done func(), err error) {
	if need.Kind != sdk.NeedBuild {
		return in, nil, resource.ErrPlugin.WithText(fmt.Sprintf("the plugin asks for %q, which this icc does not know", need.Kind)).
			WithHint("the plugin may be made for a newer icc")
	}
	var req kinds.BuildRequest
	if err := json.Unmarshal(need.Request, &req); err != nil {
		return in, nil, resource.ErrPlugin.WithText("reading a build request").Wrap(err)
	}
	if err := r.buildContexts(ctx, asker, req.Platform, sink); err != nil {
		return in, nil, err
	}
	result, done, err := r.engine.build(ctx, req, sink)
	if err != nil {
		return in, nil, err
	}
	r.engine.built.Store(asker.Name, true)
	outputs, err := json.Marshal(result)
	if err != nil {
		done()
		return in, nil, err
	}
	return resource.Input{Ref: resource.Ref{Kind: need.Kind, Name: need.Name}, Outputs: outputs}, done, nil
}

// buildDirs is where builders leave their images. Not in /tmp: images can be larger than a memory-backed file system.
const buildDirs = "/var/tmp"

// build lets the builder build. done removes the archive that it leaves; it is never nil without error.
func (e *Engine) build(ctx context.Context, req kinds.BuildRequest, sink resource.Sink) (result *kinds.BuildResult, done func(), err error) {
	builder, err := e.chosenBuilder(ctx)
	if err != nil {
		return nil, nil, err
	}
	dir, err := rundir.Make(buildDirs, "build")
	if err != nil {
		return nil, nil, fmt.Errorf("making a directory for the image: %w", err)
	}
	req.OutputDir, done = dir.Path, func() { _ = dir.Remove() }
	if err = e.stdin.fill(ctx, &req); err == nil {
		result, err = builder.Build(ctx, req, sink)
	}
	if err != nil {
		done()
		return nil, nil, err
	}
	return result, done, nil
}

// hasBuilt reports whether the builder has made the image of that name in this run.
func (e *Engine) hasBuilt(image string) bool {
	_, ok := e.built.Load(image)
	return ok
}
