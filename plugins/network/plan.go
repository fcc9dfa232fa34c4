package main

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// Plan implements sdk.Provider. It asks one question; a second one when something is not as it should be, to find ACLs
// whose network an interrupted run has never made, and some more where a fleeting instance joins others or the network
// has forgotten who has which address.
func (p *provider) Plan(ctx context.Context, req sdk.PlanRequest) (*sdk.PlanResult, error) {
	if err := sdk.CheckKind(req.Kind, resource.KindNetwork); err != nil {
		return nil, err
	}
	s, err := connect(ctx, p.Settings())
	if err != nil {
		return nil, err
	}
	networks, err := existing(s, req.Snapshot)
	if err != nil {
		return nil, err
	}
	pl := planner{settings: s.settings, networks: networks, options: req.Options, seen: make(map[string]bool), inUse: s.inUse}
	for _, r := range req.Resolved {
		if err := pl.declared(r); err != nil {
			return nil, err
		}
	}
	if s.settings.ComposeProject == "" {
		return &pl.result, nil
	}
	pl.leftOver()
	if len(req.Resolved) == 0 || pl.missing {
		acls, err := sdkincus.Listed(s.GetNetworkACLs())
		if err != nil {
			return nil, fmt.Errorf("listing network ACLs: %w", err)
		}
		pl.widowed(acls)
	}
	return &pl.result, nil
}

// planner is one Plan in progress.
type planner struct {
	settings sdk.Settings
	networks []api.Network
	options  resource.Options
	result   sdk.PlanResult
	// seen are the names on the server that a declaration has claimed.
	seen map[string]bool
	// inUse asks the server for the addresses on a network that have no lease.
	inUse func(*api.Network, map[string]kinds.Attachment) (sighting, error)
	// missing says that a declared network of our own does not exist.
	missing bool
}

// declared compares one declared network with the server.
func (p *planner) declared(r resource.Resolved) error {
	cfg, err := decode(r.Ref, r.Config)
	if err != nil {
		return err
	}
	n := find(p.networks, cfg, r)
	if n == nil {
		p.absent(r, cfg)
		return nil
	}
	p.seen[n.Name] = true
	state := resource.State{Ref: r.Ref, IncusName: n.Name, Exists: true, Declared: true, Status: resource.StatusAvailable}
	change := resource.Change{Ref: r.Ref, Class: resource.ClassNone}
	if problem := stranger(n, cfg); problem != nil && !cfg.External {
		state.External, change.Class, change.Reason = true, resource.ClassCreate, problem.Text
		p.refuse(r, problem)
		p.add(state, change)
		return nil
	}
	b := builder{ref: r.Ref, cfg: cfg, name: n.Name, incusProject: p.settings.IncusProject, current: n}
	if !cfg.External {
		b.current = elsewhere(n)
	}
	b.choose = func() netip.Prefix { return first(subnets(b, managed(p.networks))) }
	if kind, _ := driverType(cfg.Driver); !cfg.External && kind != n.Type {
		b.current = nil // it is going to be made anew
	}
	f, err := p.build(b)
	if err != nil {
		p.refuse(r, resource.AsError(err))
		state.Outputs = sdk.MustEncode(outputsOf(n, p.settings.ComposeProject))
		p.add(state, change)
		return nil
	}
	state.Outputs = sdk.MustEncode(f.outputs)
	_, guest := guestOf(n, p.settings.ComposeProject)
	state.External = cfg.External && !guest
	change.Fields = closed(named(f.fields, cfg))
	if !cfg.External {
		p.drifted(r.Ref, n, f)
	}
	switch {
	case !cfg.External && n.Type != f.kind:
		change.Class, change.Reason = resource.ClassRecreate, resource.Differing([]string{"driver"})
		change.Fields = []resource.FieldChange{{Path: "type", Compose: "driver", Before: n.Type, After: f.kind, Class: resource.ClassRecreate}}
	case !cfg.External && broken(n):
		change.Class, change.Reason = resource.ClassRecreate, whyBroken
	case len(f.fields) > 0:
		change.Class, change.Reason = resource.ClassLive, reason(change.Fields)
	}
	p.add(state, change)
	return nil
}

// build returns the network's form. Fleeting attachments get an address without a write, so it is now that it has to be
// free; and what an instance has without a record is what it is going to keep.
func (p *planner) build(b builder) (*form, error) {
	f, err := b.build()
	if b.current == nil || !strangersOn(b.current) || !b.fleets() && (err != nil || !b.forgotten(f)) {
		return f, err
	}
	if b.seen, err = p.inUse(b.current, b.attachments()); err != nil {
		return nil, err
	}
	return b.build()
}

// absent reports a declared network that is not there.
func (p *planner) absent(r resource.Resolved, cfg config) {
	change := resource.Change{Ref: r.Ref, Class: resource.ClassCreate, Reason: "does not exist"}
	state := resource.State{Ref: r.Ref, IncusName: r.IncusName, Declared: true, Status: resource.StatusMissing, External: cfg.External}
	if cfg.External {
		p.refuse(r, absentExternal(r.Ref, cfg))
	} else {
		p.missing = true
	}
	p.add(state, change)
}

// drifted reports what others have changed on a network of this project's own.
func (p *planner) drifted(ref resource.Ref, n *api.Network, f *form) {
	if c, ok := drift(ref, n, p.settings.ComposeProject, f); ok {
		c.Fields = named(c.Fields, config{})
		p.result.Drift = append(p.result.Drift, c)
	}
}

func (p *planner) add(s resource.State, c resource.Change) {
	p.result.States = append(p.result.States, s)
	if c.Class != "" {
		p.result.Changes = append(p.result.Changes, c)
	}
}

// refuse reports what will make ensuring fail: as an error when it is about to happen, else for information.
func (p *planner) refuse(r resource.Resolved, e *resource.Error) {
	severity := resource.SeverityWarning
	if p.options.Create {
		severity = resource.SeverityError
	}
	p.result.Diagnostics = append(p.result.Diagnostics, resource.Diagnostic{
		Severity: severity, Ref: r.Ref, Position: r.Position, Text: e.WithResource(resource.Ref{}).Error(), Hint: e.Hint,
	})
}

// leftOver reports this project's networks, and its records on others, that no declaration names.
func (p *planner) leftOver() {
	for i := range p.networks {
		n := &p.networks[i]
		key, guest := guestOf(n, p.settings.ComposeProject)
		if own := sdkincus.Belongs(n.Config, p.settings.ComposeProject); own {
			key = cmp.Or(n.Config[resource.KeyName], n.Name)
		} else if !guest {
			continue
		}
		if !p.seen[n.Name] {
			p.undeclared(key, n.Name, sdk.MustEncode(outputsOf(n, p.settings.ComposeProject)))
			if !guest {
				p.drifted(resource.Ref{Kind: resource.KindNetwork, Name: key}, n, nil)
			}
		}
	}
}

// widowed reports this project's ACLs that have no network.
func (p *planner) widowed(acls []api.NetworkACL) {
	for _, a := range acls {
		hasNetwork := slices.ContainsFunc(p.networks, func(n api.Network) bool { return n.Name == a.Name })
		claimed := slices.ContainsFunc(p.result.States, func(s resource.State) bool { return s.IncusName == a.Name })
		if sdkincus.Belongs(a.Config, p.settings.ComposeProject) && !hasNetwork && !claimed {
			p.undeclared(cmp.Or(a.Config[resource.KeyName], a.Name), a.Name, nil)
		}
	}
}

// undeclared adds the state of an object that is there without a declaration. Its name is the one on the server when
// something else has its declared one.
func (p *planner) undeclared(key, incusName string, outputs []byte) {
	ref := resource.Ref{Kind: resource.KindNetwork, Name: key}
	if slices.ContainsFunc(p.result.States, func(s resource.State) bool { return s.Ref == ref }) {
		ref.Name = incusName
	}
	p.add(resource.State{
		Ref: ref, IncusName: incusName, Exists: true, Status: resource.StatusAvailable, Outputs: outputs,
	}, resource.Change{})
}

// find returns the network that a declaration means, nil when there is none.
func find(networks []api.Network, cfg config, r resource.Resolved) *api.Network {
	for _, exact := range []bool{true, false} {
		for i := range networks {
			n := &networks[i]
			switch {
			case exact && n.Name == r.IncusName:
				return n
			case !exact && cfg.External && matches(n, cmp.Or(cfg.Name, r.Name)):
				return n
			}
		}
	}
	return nil
}

// outputsOf returns what a network puts out as far as it can be told without a declaration.
func outputsOf(n *api.Network, project string) kinds.NetworkOutputs {
	o := kinds.NetworkOutputs{
		IncusName: n.Name, Managed: n.Managed, IPv4: shown(n.Config["ipv4.address"]), IPv6: shown(n.Config["ipv6.address"]),
		External: !sdkincus.Belongs(n.Config, project), Internal: n.Config[keyACLs+".default.egress.action"] == "drop",
	}
	for _, l := range readLeases(n.Config) {
		if l.Project != project {
			continue
		}
		if o.Addresses == nil {
			o.Addresses = map[string]kinds.Address{}
		}
		o.Addresses[l.Instance] = l.address()
	}
	return o
}

// reason says in a few words what differs.
func reason(fields []resource.FieldChange) string {
	var what []string
	for _, f := range fields {
		group, _, grouped := strings.Cut(f.Path, ".")
		if !grouped || group != "dns" && group != "addresses" && group != "labels" {
			group = f.Name()
		}
		if !strings.HasPrefix(group, resource.KeyPrefix) {
			what = append(what, group)
		}
	}
	return resource.Differing(what)
}
