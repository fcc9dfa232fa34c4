package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/icc-project/icc/plugins/instance/console"
	"github.com/icc-project/icc/plugins/instance/lifecycle"
	"github.com/icc-project/icc/plugins/instance/reconcile"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// Run implements sdk.Provider.
func (p *Provider) Run(ctx context.Context, req sdk.RunRequest, sink resource.Sink) (*sdk.RunResult, error) {
	if err := sdk.CheckKind(req.Resource.Kind, resource.KindInstance); err != nil {
		return nil, resource.About(err, req.Resource.Ref, req.Action)
	}
	if req.Action == resource.ActionWatch { // it concerns no instance of its own
		return &sdk.RunResult{}, p.watch(ctx, req, sink)
	}
	result, err := p.run(ctx, req, sink)
	if err != nil {
		return nil, resource.About(err, req.Resource.Ref, req.Action)
	}
	out := &sdk.RunResult{Created: result.Created, Changed: result.Changed}
	if result.Outputs != nil {
		out.Outputs = sdk.MustEncode(result.Outputs)
	}
	return out, nil
}

func (p *Provider) run(ctx context.Context, req sdk.RunRequest, sink resource.Sink) (*lifecycle.Result, error) {
	if !slices.Contains(actions(), req.Action) {
		return nil, resource.ErrUnsupportedAction.WithText(fmt.Sprintf("instances know no action %q", req.Action))
	}
	if err := context.Cause(ctx); err != nil {
		return nil, err // the shared connection would not notice
	}
	m, err := p.manager(ctx, req, sink)
	if err != nil {
		return nil, err
	}
	switch req.Action {
	case resource.ActionEnsure:
		return p.ensure(ctx, m, req)
	case resource.ActionStart:
		result, err := m.Start(ctx)
		m.Judge(ctx, err)
		return result, err
	case resource.ActionStop:
		return m.Stop(ctx, req.Options.Force)
	case resource.ActionDelete:
		return m.Delete(ctx, req.Options.Force)
	case resource.ActionWait:
		return p.wait(ctx, m, req)
	case resource.ActionComplete:
		return p.complete(ctx, m, req)
	case resource.ActionMonitor:
		result, err := p.monitor(ctx, m, req)
		m.Judge(ctx, err)
		return result, err
	case resource.ActionRollback:
		return m.Rollback(ctx, p.host().Runtime)
	default:
		return &lifecycle.Result{}, p.log(ctx, m, req)
	}
}

func (p *Provider) manager(ctx context.Context, req sdk.RunRequest, sink resource.Sink) (*lifecycle.Manager, error) {
	server, err := p.connect(ctx)
	if err != nil {
		return nil, err
	}
	s := p.config()
	name := req.Resource.IncusName
	if name == "" {
		name = req.State.IncusName
	}
	log := &console.Log{
		Server: server, Store: console.Store{Dir: s.CacheDir}, Project: s.IncusProject, Name: name, Sink: sink,
	}
	return &lifecycle.Manager{
		Console: log, Server: server, Ref: req.Resource.Ref, Name: name, Project: s.ComposeProject, Remote: s.Remote,
		Grace: req.Options.Timeout, Sink: sink, Courier: p.Courier(), Rebuilds: p.rebuilds(),
	}, nil
}

// ensure asks the server nothing when the plan found the instance as it should be and nothing has changed since.
func (p *Provider) ensure(ctx context.Context, m *lifecycle.Manager, req sdk.RunRequest) (*lifecycle.Result, error) {
	c, err := decode(req.Resource.Config)
	if err != nil {
		return nil, err
	}
	want, missing, err := p.translate(req.Resource, c, req.Options, req.Input)
	if err != nil {
		return nil, err
	}
	if len(missing) > 0 {
		return nil, resource.ErrDependencyNotEnsured.WithText(fmt.Sprintf("%s has put out nothing", missing[0]))
	}
	have := stateOutputs(req.State)
	if req.State.Exists && have.Hash == want.Hash && req.Change.Class != resource.ClassLive && !reconcile.Interrupts(req.Change.Class) {
		return &lifecycle.Result{Outputs: &have}, nil
	}
	if !req.State.Exists && !req.Options.Create {
		return nil, resource.ErrNotFound.WithHint("create it with `icc up`")
	}
	for _, notice := range want.Notices {
		if _, told := p.told.Load(notice); !told { // the image was not there yet when the plan was made
			m.Sink.Notice(resource.LevelWarning, notice)
		}
	}
	return m.Ensure(ctx, want, c.Mounts, lifecycle.Expectation{
		Class: req.Change.Class, CreatedAt: have.CreatedAt, KeepRunning: req.Options.KeepRunning, RevertDrift: req.Options.RevertDrift,
		Unproved: have.Unproved,
	})
}

// stateOutputs decodes what the plan saw; it is empty when there is nothing.
func stateOutputs(s resource.State) kinds.InstanceOutputs {
	var out kinds.InstanceOutputs
	if json.Unmarshal(s.Outputs, &out) != nil {
		return kinds.InstanceOutputs{}
	}
	return out
}
