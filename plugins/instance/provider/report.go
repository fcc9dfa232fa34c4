package provider

import (
	"context"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/runstate"
	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/kinds"
)

// reports are what is known of instances beyond what the server says of each, by their names on the server.
type reports struct {
	// states are what icc-init says.
	states map[string]runstate.Result
	// unproved are those whose latest change was not seen through.
	unproved map[string]bool
}

// report reads how the instances are doing, where the listing does not tell.
func (p *Provider) report(ctx context.Context, instances []api.Instance, details bool) reports {
	if len(instances) == 0 {
		return reports{}
	}
	if _, err := p.connect(ctx); err != nil {
		return reports{} // a plan without a server
	}
	return reports{states: runstate.ReadAll(ctx, p.files(), instances, details), unproved: spec.Unproved(instances)}
}

// outputs returns what an instance puts out.
func (r reports) outputs(inst *api.Instance) kinds.InstanceOutputs {
	out := observe.Outputs(inst)
	runstate.Fold(&out, inst, r.states[inst.Name])
	out.Unproved = r.unproved[inst.Name]
	return out
}
