package provider

import (
	"context"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/runstate"
	"github.com/icc-project/icc/sdk/kinds"
)

// reports are what icc-init says of instances, by their names on the server.
type reports map[string]runstate.Result

// report reads how the instances are doing, where the listing does not tell.
func (p *Provider) report(ctx context.Context, instances []api.Instance, details bool) reports {
	if len(instances) == 0 {
		return nil
	}
	if _, err := p.connect(ctx); err != nil {
		return nil // a plan without a server
	}
	return runstate.ReadAll(ctx, p.files(), instances, details)
}

// outputs returns what an instance puts out.
func (r reports) outputs(inst *api.Instance) kinds.InstanceOutputs {
	out := observe.Outputs(inst)
	runstate.Fold(&out, inst, r[inst.Name])
	return out
}
