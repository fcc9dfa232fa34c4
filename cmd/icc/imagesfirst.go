package main

import (
	"slices"
	"time"

	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/resource"
)

// imagesFirst renews the images that exist already and plans again with what has become of them.
func (s *session) imagesFirst(ctx ctx, p *engine.Plan) (*engine.Plan, error) {
	opts, err := upOptions(s.cli)
	if err != nil {
		return nil, err
	}
	opts.Build, opts.Pull = resource.BuildNever, resource.PullNever
	began := time.Now()
	o, err := s.engine.Renew(ctx, p, resource.KindImage, opts)
	if err != nil || o == nil {
		return p, err
	}
	concerned, err := s.selectedBy(p.Model)
	if err != nil {
		return nil, err
	}
	s.note(news(p.Observation.Diagnostics, o.Concerning(p.Model, concerned)))
	again, err := s.planFrom(p.Model, o, opts)
	if err == nil {
		again, err = s.withStandIns(ctx, again, opts)
	}
	if err != nil {
		return nil, err
	}
	again.Began = began
	return again, nil
}

// news returns what was not said before.
func news(before, now []resource.Diagnostic) []resource.Diagnostic {
	return slices.DeleteFunc(slices.Clone(now), func(d resource.Diagnostic) bool { return slices.Contains(before, d) })
}
