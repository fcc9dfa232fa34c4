package main

import (
	"fmt"

	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/resource"
)

// refuseLosses returns an error when the plan makes something anew that holds data and --yes was not given.
func (s *session) refuseLosses(p *engine.Plan) error {
	if s.cli.Bool("yes") {
		return nil
	}
	return lossOf(p)
}

// lossOf names the first thing whose data the plan would lose.
func lossOf(p *engine.Plan) error {
	lost := p.Losses()
	if len(lost) == 0 {
		return nil
	}
	ref := lost[0].Ref
	name := incusNameIn(p, ref)
	return resource.ErrVolumeMismatch.WithText(fmt.Sprintf("%s %q would be made anew, and everything in it would be lost: %s", ref.Kind, name, lost[0].Reason())).
		WithHint("give --yes to lose the data, or undo the change; `incus storage volume export` saves a copy, `icc plan` shows the rest")
}
