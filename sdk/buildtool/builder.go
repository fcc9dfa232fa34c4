package buildtool

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// inspectTime bounds asking a tool about itself: its engine may be on a machine that does not answer.
const inspectTime = 30 * time.Second

// New returns the builder that drives a tool.
func New(tool Tool) sdk.Builder { return &builder{Tool: tool} }

type builder struct {
	Tool
	found found
}

// found is the tool as it was found when it was first asked for; a tool that is missing is looked for again.
type found struct {
	sync.Mutex
	engine Engine
}

// Describe implements sdk.Builder.
func (b *builder) Describe(context.Context) (*sdk.Description, error) {
	return &sdk.Description{
		Name:    "builder-" + b.Name,
		Version: sdk.Version,
		Summary: "Builds images with " + b.Name + ".",
		Builder: &sdk.BuilderInfo{Tool: b.Name}, Features: []string{sdk.FeatureBuildCheck},
	}, nil
}

// Configure implements sdk.Builder. Tools are configured by their own files.
func (b *builder) Configure(context.Context, sdk.Settings) error { return nil }

// Probe implements sdk.Builder.
func (b *builder) Probe(ctx context.Context) (*sdk.Probe, error) {
	engine, err := b.inspect(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return &sdk.Probe{Reason: err.Error(), Unsupported: b.Unsupported}, nil
	}
	about := engine.About()
	unsupported := slices.AppendSeq(slices.Clone(b.Unsupported), maps.Keys(about.Unsupported))
	slices.Sort(unsupported)
	return &sdk.Probe{
		Available: true, Version: about.Version, Platforms: about.Platforms, Score: b.Score, Unsupported: unsupported,
	}, nil
}

func (b *builder) inspect(ctx context.Context) (Engine, error) {
	late := fmt.Errorf("%s does not answer within %s", b.Name, inspectTime)
	ctx, cancel := context.WithTimeoutCause(ctx, inspectTime, late)
	defer cancel()
	b.found.Lock()
	defer b.found.Unlock()
	if b.found.engine != nil {
		return b.found.engine, nil
	}
	engine, err := b.Inspect(ctx)
	if err != nil && errors.Is(context.Cause(ctx), late) {
		return nil, late
	}
	if err == nil {
		b.found.engine = engine
	}
	return engine, err
}

// Build implements sdk.Builder.
func (b *builder) Build(ctx context.Context, req kinds.BuildRequest, sink resource.Sink) (*kinds.BuildResult, error) {
	result, err := b.build(ctx, req, sink)
	switch {
	case err == nil:
		return result, nil
	case ctx.Err() != nil:
		return nil, resource.ErrAborted.WithText(fmt.Sprintf("building %s was cancelled", req.Name)).Wrap(context.Cause(ctx))
	}
	return nil, err
}

func (b *builder) build(ctx context.Context, req kinds.BuildRequest, sink resource.Sink) (*kinds.BuildResult, error) {
	if req.CheckOnly {
		_, err := b.accept(ctx, req)
		return &kinds.BuildResult{}, err
	}
	if stored := b.stored(ctx, req, sink); stored != nil {
		return stored, nil
	}
	engine, err := b.accept(ctx, req)
	if err != nil {
		return nil, err
	}
	about := engine.About()
	job, err := newJob(b.Name, req, sink)
	if err != nil {
		return nil, err
	}
	defer job.remove(ctx, engine)
	if err := job.fetch(ctx); err != nil {
		return nil, err
	}
	id, err := engine.Build(ctx, job)
	if err != nil {
		return nil, err
	}
	result := &kinds.BuildResult{Digest: id, Builder: b.Name, Version: about.Version}
	if id == req.KnownDigest {
		return result, nil
	}
	result.Archive = filepath.Join(req.OutputDir, "image.tar")
	sink.Progress(resource.Progress{Percent: -1, Text: "saving"})
	if err := job.save(ctx, engine.Save(id, result.Archive), result.Archive); err != nil {
		_ = os.Remove(result.Archive)
		return nil, err
	}
	return result, nil
}
