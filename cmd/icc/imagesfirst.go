package main

import (
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
	again, err := s.planFrom(p.Model, o, opts)
	if err != nil {
		return nil, err
	}
	again.Began = began
	return again, nil
}
