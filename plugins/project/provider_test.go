package main

import (
	"errors"
	"testing"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

func TestOtherKindsAreRefusedBeforeAServerIsAsked(t *testing.T) {
	t.Parallel()
	p := &provider{}
	other := resource.Ref{Kind: resource.KindNetwork, Name: "front"}
	_, resolve := p.Resolve(t.Context(), []resource.Declaration{{Ref: other}})
	_, look := p.Look(t.Context(), other.Kind)
	_, plan := p.Plan(t.Context(), sdk.PlanRequest{Kind: other.Kind})
	_, run := p.Run(t.Context(), sdk.RunRequest{Resource: resource.Resolved{Ref: other}, Action: resource.ActionEnsure}, resource.Discard{})
	for what, err := range map[string]error{"resolve": resolve, "look": look, "plan": plan, "run": run} {
		if !errors.Is(err, resource.ErrUnknownResource) {
			t.Errorf("%s: %v, want %v", what, err, resource.ErrUnknownResource)
		}
	}
}
