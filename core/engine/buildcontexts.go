package engine

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// buildContexts lets the builder make the images that a build takes as its contexts, unless this run has built them. The
// server may have them for long, but the builder looks in its own store, and would ask a registry next. They are not
// imported: what runs keeps its image. Where the builder's cache has them, this is quick.
func (r *run) buildContexts(ctx context.Context, image resource.Resolved, platform string, sink resource.Sink) error {
	for _, e := range image.DependsOn {
		other, ok := r.plan.Model.Get(e.To)
		if !ok || other.Kind != image.Kind || r.engine.hasBuilt(other.Name) {
			continue
		}
		var cfg kinds.ImageConfig
		if err := json.Unmarshal(other.Config, &cfg); err != nil {
			return fmt.Errorf("reading the declaration of %s: %w", other.Ref, err)
		}
		if cfg.Build == nil {
			continue
		}
		if cfg.Platform != "" {
			platform = cfg.Platform
		}
		if err := r.buildContexts(ctx, other, platform, sink); err != nil {
			return err
		}
		if err := r.buildContext(ctx, other, cfg, platform, sink); err != nil {
			return fmt.Errorf("building %s, which %s takes as a context: %w", cfg.Reference, image.Name, err)
		}
	}
	return nil
}

// buildContext lets the builder make one image, with the help of its cache.
func (r *run) buildContext(ctx context.Context, image resource.Resolved, cfg kinds.ImageConfig, platform string, sink resource.Sink) error {
	req := kinds.BuildRequest{Name: cfg.Reference, Build: *cfg.Build, Platform: platform, Services: cfg.Services}
	req.Build.NoCache, req.Build.NoCacheFilter, req.Build.Pull = false, nil, false
	var has kinds.ImageOutputs
	if outputs := r.plan.Observation.States[image.Ref].Outputs; json.Unmarshal(outputs, &has) == nil {
		req.KnownDigest = has.Digest // nobody needs an archive then
	}
	_, done, err := r.engine.build(ctx, req, sink)
	if err != nil {
		return err
	}
	done()
	r.engine.built.Store(image.Name, true)
	return nil
}
