package main

import (
	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/resource"
)

// imagesFirst builds and fetches the images that the plan would renew, and plans again: what is to be done with an
// existing instance depends on what has become of its image. A plan that renews none is returned as it is.
func (s *session) imagesFirst(ctx ctx, p *engine.Plan) (*engine.Plan, error) {
	images := renewed(p)
	if len(images) == 0 {
		return p, nil
	}
	opts, err := upOptions(s.cli)
	if err != nil {
		return nil, err
	}
	kinds := []resource.Kind{resource.KindProject, resource.KindImage}
	first := engine.Up(p.Model, p.Observation, engine.UpOptions{Select: images, NoStart: true, Kinds: kinds, Options: opts})
	if _, err := s.engine.Apply(ctx, first); err != nil {
		return nil, err
	}
	opts.Build, opts.Pull = resource.BuildNever, resource.PullNever
	o, err := s.engine.Observe(ctx, p.Model, nil, opts)
	if err != nil {
		return nil, err
	}
	return s.planFrom(p.Model, o, opts)
}

// renewed returns the images that the plan ensures, with their project, if one of them is on the server already: only
// then can there be instances that it changes.
func renewed(p *engine.Plan) engine.Selection {
	images, exists := make(engine.Selection), false
	for _, step := range p.Steps {
		switch {
		case step.Action != resource.ActionEnsure:
		case step.Ref.Kind == resource.KindImage:
			images[step.Ref] = true
			exists = exists || p.Observation.States[step.Ref].Exists
		case step.Ref.Kind == resource.KindProject:
			images[step.Ref] = true
		}
	}
	if !exists {
		return nil
	}
	return images
}
