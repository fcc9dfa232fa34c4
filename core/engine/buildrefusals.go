package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/icc-project/icc/sdk/buildtool"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// builderLimits is what the builder has said that it does not honour.
type builderLimits struct {
	sync.Mutex
	known       bool
	unsupported []string
}

// refuseBuilds returns what the builder says of a build in the plan with an attribute that it does not honour, before
// anything is changed. The builder refuses it in any case, but only when the build's turn has come.
func (e *Engine) refuseBuilds(ctx context.Context, p *Plan) error {
	for _, s := range p.Steps {
		resolved := p.resolvedOf(s.Ref)
		req, ok := buildOf(s, resolved)
		if !ok {
			continue
		}
		unsupported, err := e.unsupported(ctx)
		if err == nil && slices.ContainsFunc(buildtool.Uses(req.Build), func(use string) bool { return slices.Contains(unsupported, use) }) {
			err = e.refusal(ctx, req)
		}
		if err != nil {
			return s.locate(seen(describe(err, s.Ref, s.Action), s.Ref, resolved.IncusName), resolved.Position)
		}
	}
	return nil
}

// buildOf returns the build of a step that uses an attribute which some builder does not honour.
func buildOf(s Step, resolved resource.Resolved) (kinds.BuildRequest, bool) {
	if s.Ref.Kind != resource.KindImage || s.Action != resource.ActionEnsure || s.Options.Build == resource.BuildNever {
		return kinds.BuildRequest{}, false
	}
	var cfg kinds.ImageConfig
	if json.Unmarshal(resolved.Config, &cfg) != nil || cfg.Build == nil || len(buildtool.Uses(*cfg.Build)) == 0 {
		return kinds.BuildRequest{}, false
	}
	return kinds.BuildRequest{Name: cfg.Reference, Build: *cfg.Build, Platform: cfg.Platform, Services: cfg.Services}, true
}

// unsupported returns the attributes that the builder does not honour here. It is asked once.
func (e *Engine) unsupported(ctx context.Context) ([]string, error) {
	e.limits.Lock()
	defer e.limits.Unlock()
	if e.limits.known {
		return e.limits.unsupported, nil
	}
	builder, err := e.chosenBuilder(ctx)
	if err != nil {
		return nil, err
	}
	probe, err := builder.Probe(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking the builder what it can do: %w", err)
	}
	e.limits.known, e.limits.unsupported = true, probe.Unsupported
	return probe.Unsupported, nil
}

// refusal returns the builder's own words, with the reason why it cannot. It promises to run nothing then.
func (e *Engine) refusal(ctx context.Context, req kinds.BuildRequest) error {
	_, done, err := e.build(ctx, req, resource.Discard{})
	if err == nil {
		done()
	}
	if errors.Is(err, resource.ErrUnsupported) {
		return err
	}
	return nil // it comes again when it is the build's turn
}
