package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/buildtool"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// refuseBuilds returns what is wrong with the builds of the plan as far as it can be told without running any, before
// anything is changed: a builder that is missing, what it does not honour, contexts that are not there. Each build fails
// of it in any case, but only when its turn has come.
func (e *Engine) refuseBuilds(ctx context.Context, p *Plan) error {
	var errs []error
	var builds []kinds.BuildRequest
	for _, s := range p.Steps {
		for _, image := range p.builds(s) {
			builds = append(builds, image.request)
			if _, done := e.checked.Load(image.Name); done {
				continue
			}
			builder, err := e.chosenBuilder(ctx)
			missing := err != nil
			if !missing {
				err = e.checkBuild(ctx, builder, image.request)
			}
			if err == nil {
				e.checked.Store(image.Name, true)
				continue
			}
			errs = append(errs, s.locate(seen(describe(err, image.Ref, s.Action), image.Ref, image.IncusName), image.Position))
			if missing || ctx.Err() != nil {
				return join(errs) // nor will there be one for the others
			}
		}
	}
	if len(errs) > 0 {
		return join(errs)
	}
	return e.stdin.check(builds)
}

// imageBuild is an image that is to be built.
type imageBuild struct {
	resource.Resolved
	request kinds.BuildRequest
}

// builds returns the builds of a step: that of its image, and those of the images that it takes as contexts.
func (p *Plan) builds(s Step) []imageBuild {
	if s.Ref.Kind != resource.KindImage || s.Action != resource.ActionEnsure || s.Options.Build == resource.BuildNever {
		return nil
	}
	var out []imageBuild
	var visit func(image resource.Resolved)
	visit = func(image resource.Resolved) {
		var cfg kinds.ImageConfig
		known := slices.ContainsFunc(out, func(b imageBuild) bool { return b.Ref == image.Ref })
		if known || image.Kind != resource.KindImage || json.Unmarshal(image.Config, &cfg) != nil || cfg.Build == nil {
			return
		}
		out = append(out, imageBuild{image, kinds.BuildRequest{
			Name: cfg.Reference, Build: *cfg.Build, Platform: cfg.Platform, Services: cfg.Services, CheckOnly: true,
		}})
		for _, e := range image.DependsOn {
			visit(p.resolvedOf(e.To))
		}
	}
	visit(p.resolvedOf(s.Ref))
	return out
}

// checkBuild asks the builder what is wrong with a build. One that cannot be asked that names what it does not honour,
// and promises to run nothing when it is told to do it nevertheless.
func (e *Engine) checkBuild(ctx context.Context, builder sdk.Builder, req kinds.BuildRequest) error {
	about, err := builder.Describe(ctx)
	if err != nil {
		return err
	}
	if slices.Contains(about.Features, sdk.FeatureBuildCheck) {
		_, err := builder.Build(ctx, req, resource.Discard{})
		return err
	}
	unsupported, err := e.unsupported(ctx, builder)
	refuses := func(use string) bool { return slices.Contains(unsupported, use) }
	if err != nil || !slices.ContainsFunc(buildtool.Uses(req.Build), refuses) {
		return err
	}
	req.CheckOnly = false
	_, done, err := e.build(ctx, req, resource.Discard{})
	if err == nil {
		done()
	}
	if errors.Is(err, resource.ErrUnsupported) {
		return err
	}
	return nil // it comes again when it is the build's turn
}

// builderLimits is what the builder has said that it does not honour.
type builderLimits struct {
	sync.Mutex
	known       bool
	unsupported []string
}

// unsupported returns the attributes that the builder does not honour here. It is asked once.
func (e *Engine) unsupported(ctx context.Context, builder sdk.Builder) ([]string, error) {
	e.limits.Lock()
	defer e.limits.Unlock()
	if e.limits.known {
		return e.limits.unsupported, nil
	}
	probe, err := builder.Probe(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking the builder what it can do: %w", err)
	}
	e.limits.known, e.limits.unsupported = true, probe.Unsupported
	return probe.Unsupported, nil
}
