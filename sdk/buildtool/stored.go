package buildtool

import (
	"context"
	"os"
	"path/filepath"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// stored returns the image that the request wants as it was built before, or nil when it has to be built.
func (b *builder) stored(ctx context.Context, req kinds.BuildRequest, sink resource.Sink) *kinds.BuildResult {
	if req.StoredDigest == "" {
		return nil
	}
	engine, err := b.inspect(ctx)
	if err != nil {
		return nil // which the build will say, too
	}
	job, err := newJob(b.Name, req, sink)
	if err != nil {
		return nil
	}
	defer job.remove(ctx, engine)
	result := &kinds.BuildResult{
		Archive: filepath.Join(req.OutputDir, "image.tar"), Digest: req.StoredDigest, Builder: b.Name, Version: engine.About().Version,
	}
	sink.Progress(resource.Progress{Percent: -1, Text: "saving"})
	if err := job.save(ctx, engine.Save(result.Digest, result.Archive), result.Archive); err != nil {
		_ = os.Remove(result.Archive)
		return nil
	}
	return result
}
