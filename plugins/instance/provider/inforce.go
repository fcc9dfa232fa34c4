package provider

import (
	"context"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/reconcile"
	"github.com/icc-project/icc/plugins/instance/runstate"
	"github.com/icc-project/icc/sdk/resource"
)

// inForce corrects changes by what icc-init says of its orders in the instances that they are about. It asks for those
// only of which the listing does not tell, which is at most a few.
func (p *Provider) inForce(ctx context.Context, changes []resource.Change, instances map[resource.Ref]*api.Instance) {
	var doubtful []api.Instance
	for _, c := range changes {
		if have := instances[c.Ref]; have != nil && reconcile.Doubtful(c, have) {
			doubtful = append(doubtful, *have)
		}
	}
	if len(doubtful) == 0 {
		return
	}
	states := runstate.ReadAll(ctx, p.files(), doubtful, true)
	for i, c := range changes {
		if have := instances[c.Ref]; have != nil {
			changes[i] = reconcile.InForce(c, have, states[have.Name].State)
		}
	}
}
