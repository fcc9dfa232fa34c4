package provider

import (
	"context"
	"fmt"

	incus "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/console"
	"github.com/icc-project/icc/plugins/instance/lifecycle"
	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/watch"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/sdk/schema"
)

// watch is resource.ActionWatch, which concerns no instance of its own: it looks after all without icc-init until ctx
// ends.
func (p *Provider) watch(ctx context.Context, req sdk.RunRequest, sink resource.Sink) error {
	var c kinds.InstanceWatch
	if len(req.Resource.Config) > 0 {
		if err := schema.Decode(req.Resource.Config, &c); err != nil {
			return fmt.Errorf("reading what to watch: %w", err)
		}
	}
	server, err := p.connect(ctx)
	if err != nil {
		return err
	}
	settings := p.config()
	manage := func(server incus.InstanceServer, inst *api.Instance) *lifecycle.Manager {
		log := &console.Log{Server: server, Store: console.Store{Dir: settings.CacheDir}, Project: inst.Project, Name: inst.Name, Sink: sink}
		return &lifecycle.Manager{
			Console: log, Server: server, Ref: resource.Ref{Kind: resource.KindInstance, Name: observe.Name(inst)}, Name: inst.Name,
			Project: inst.Config[resource.KeyProject], Remote: settings.Remote, Sink: sink, Courier: p.Courier(),
		}
	}
	it := &watch.Incus{Server: server, Project: settings.IncusProject, Manage: manage}
	w := watch.Watcher{Source: it, Instances: it, Projects: c.Projects, Sink: sink}
	return w.Run(ctx)
}
