package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/lifecycle"
	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/reconcile"
	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// Plan implements sdk.Provider with one question to the server, whatever the number of instances.
func (p *Provider) Plan(ctx context.Context, req sdk.PlanRequest) (*sdk.PlanResult, error) {
	if err := sdk.CheckKind(req.Kind, resource.KindInstance); err != nil {
		return nil, err
	}
	existing, err := p.existing(ctx, req.Snapshot)
	if err != nil {
		return nil, err
	}
	// What is shown in detail is asked for without declarations; comparing needs no more than the listing tells.
	seen := p.report(ctx, existing, len(req.Resolved) == 0)
	out := &sdk.PlanResult{}
	services, instances := map[string]bool{}, map[resource.Ref]*api.Instance{}
	for _, r := range req.Resolved {
		i := slices.IndexFunc(existing, func(inst api.Instance) bool { return inst.Name == r.IncusName })
		var have *api.Instance
		if i >= 0 {
			found := existing[i]
			have, existing = &found, slices.Delete(existing, i, i+1)
			instances[r.Ref] = have
		}
		service, err := p.planOne(ctx, out, r, have, seen, req.Options, req.Input)
		if err != nil {
			return nil, err
		}
		services[service] = true
	}
	p.inForce(ctx, out.Changes, instances)
	return out, planUndeclared(out, existing, seen, services)
}

// planOne adds the change and the state of a declared instance and returns its service.
func (p *Provider) planOne(ctx context.Context, out *sdk.PlanResult, r resource.Resolved, have *api.Instance, seen reports, opts resource.Options, outputs inputs) (string, error) {
	c, err := decode(r.Config)
	if err != nil {
		return "", err
	}
	want, missing, err := p.translate(r, c, opts, outputs)
	if err != nil {
		e := resource.AsError(err)
		out.Diagnostics = append(out.Diagnostics, resource.Diagnostic{
			Severity: resource.SeverityError, Ref: r.Ref, Position: r.Position, Text: err.Error(), Hint: e.Hint,
		})
	}
	if want != nil {
		for _, notice := range want.Notices {
			p.told.Store(notice, true)
			out.Diagnostics = append(out.Diagnostics, resource.Diagnostic{
				Severity: resource.SeverityWarning, Ref: r.Ref, Position: r.Position, Text: notice,
				Hint: "`x-icc: {init: off}` says that this is meant",
			})
		}
	}
	state := observe.Missing(r)
	if have != nil {
		if state, err = observe.State(have, r.Name, seen.outputs(have)); err != nil {
			return "", err
		}
	}
	if len(r.DependsOn) > 0 {
		state.DependsOn = r.DependsOn
	}
	out.States = append(out.States, state)
	found := change(r.Ref, want, have, missing, opts)
	if found.Class == resource.ClassRebuild && want != nil {
		if found, err = p.gate(ctx, found, have.Name); err != nil {
			return "", err
		}
	}
	if have != nil {
		names := reconcile.NewNames(c, want, have)
		found = names.Change(found)
		if d, ok := reconcile.Drift(r.Ref, want, have); ok {
			out.Drift = append(out.Drift, names.Drift(d))
		}
	}
	out.Changes = append(out.Changes, found)
	return c.Service, nil
}

func change(ref resource.Ref, want *spec.Instance, have *api.Instance, missing []resource.Ref, opts resource.Options) resource.Change {
	switch {
	case have == nil:
		return resource.Change{Ref: ref, Class: resource.ClassCreate, Reason: "does not exist"}
	case len(missing) > 0:
		return resource.Change{Ref: ref, Class: unknown(missing), Reason: newer(missing)}
	case want == nil: // reported as an error
		return resource.Change{Ref: ref, Class: resource.ClassNone}
	}
	reconcile.KeepPorts(want, spec.Devices(have.Devices))
	if opts.RevertDrift {
		have = reconcile.Forget(reconcile.Undo(want, have))
	}
	return reconcile.Compare(ref, want, have)
}

// gate turns a rebuild that cannot be into a recreation.
func (p *Provider) gate(ctx context.Context, c resource.Change, name string) (resource.Change, error) {
	server, err := p.connect(ctx)
	if err != nil {
		return c, err
	}
	m := lifecycle.Manager{Server: server, Name: name, Rebuilds: p.rebuilds()}
	if why := m.NoRebuild(); why != "" {
		return reconcile.WithoutRebuild(c, why), nil
	}
	return c, nil
}

// rebuilds says whether the server can rebuild instances, as far as the host tells.
func (p *Provider) rebuilds() bool {
	extensions := p.config().APIExtensions
	return len(extensions) == 0 || slices.Contains(extensions, lifecycle.ExtensionRebuild)
}

// unknown is the class of what cannot be compared yet: the most that a new image, or a new network or volume, takes.
func unknown(missing []resource.Ref) resource.Class {
	for _, ref := range missing {
		if ref.Kind == resource.KindImage {
			return resource.ClassRebuild
		}
	}
	return resource.ClassRestart
}

// newer says which resources will be there only after the run.
func newer(missing []resource.Ref) string {
	names := make([]string, len(missing))
	for i, ref := range missing {
		names[i] = fmt.Sprintf("%s %s", ref.Kind, ref.Name)
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ") + " will be made"
}

// planUndeclared adds the instances that nothing declares, but for copies that somebody has made by hand. Those of a
// declared service are replicas too many.
func planUndeclared(out *sdk.PlanResult, left []api.Instance, seen reports, services map[string]bool) error {
	for i := range left {
		if !sdkincus.Original(left[i].Config, left[i].Name) {
			continue
		}
		state, err := observe.State(&left[i], "", seen.outputs(&left[i]))
		if err != nil {
			return err
		}
		if slices.ContainsFunc(out.States, func(s resource.State) bool { return s.Name == state.Name }) {
			state.Name = left[i].Name // its mark is another one's
		}
		out.States = append(out.States, state)
		if d, ok := reconcile.Drift(state.Ref, nil, &left[i]); ok {
			out.Drift = append(out.Drift, reconcile.NewNames(kinds.InstanceConfig{}, nil, &left[i]).Drift(d))
		}
		config := left[i].Config
		if services[config[resource.KeyService]] && config[resource.KeyOneOff] != "true" {
			out.Changes = append(out.Changes, resource.Change{Ref: state.Ref, Class: resource.ClassDelete,
				Reason: fmt.Sprintf("service %s has fewer replicas now", config[resource.KeyService])})
		}
	}
	return nil
}
