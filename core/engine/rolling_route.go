package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// reroute asks everything that leads to the step's resources by name to do what the step says.
func (r *run) reroute(ctx context.Context, s Step) error {
	able, err := r.engine.withCall(ctx, resource.VerbReroute)
	if err != nil {
		return err
	}
	r.mu.Lock()
	failed := maps.Clone(r.rolledOf(s.Update).failed)
	r.mu.Unlock()
	requests := make(map[resource.Ref]*resource.Reroute)
	each := func(refs []resource.Ref, add func(*resource.Reroute, resource.Ref)) {
		for _, ref := range refs {
			for _, e := range r.plan.edges(ref) {
				if !slices.Contains(able, e.To.Kind) {
					continue
				}
				if requests[e.To] == nil {
					requests[e.To] = &resource.Reroute{}
				}
				add(requests[e.To], ref)
			}
		}
	}
	each(s.Reroute.In, func(to *resource.Reroute, ref resource.Ref) {
		if failed[ref] == nil {
			to.In = append(to.In, ref)
		}
	})
	each(s.Reroute.Out, func(to *resource.Reroute, ref resource.Ref) { to.Out = append(to.Out, ref) })
	for _, to := range slices.SortedFunc(maps.Keys(requests), compareRefs) {
		if err := r.rerouteOne(ctx, to, *requests[to]); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) rerouteOne(ctx context.Context, to resource.Ref, request resource.Reroute) error {
	provider, err := r.engine.plugins.Provider(ctx, to.Kind)
	if err != nil {
		return err
	}
	caller, ok := provider.(sdk.Caller)
	if !ok {
		return nil
	}
	raw, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("encoding where requests go: %w", err)
	}
	state := r.observation().States[to]
	_, err = caller.Call(ctx, sdk.CallRequest{Resource: r.plan.resolvedOf(to), State: state, Verb: resource.VerbReroute, Request: raw})
	return describe(err, to, resource.ActionReroute)
}

// withCall returns the kinds that know a verb.
func (e *Engine) withCall(ctx context.Context, verb string) ([]resource.Kind, error) {
	known, err := e.plugins.Kinds(ctx)
	var out []resource.Kind
	for _, k := range known {
		if slices.Contains(k.Calls, verb) {
			out = append(out, k.Kind)
		}
	}
	return out, err
}
