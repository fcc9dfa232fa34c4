package main

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// ensure brings a network into its declared form: made with everything in one request, or changed in one.
func ensure(ctx context.Context, s *server, req sdk.RunRequest) (*sdk.RunResult, error) {
	if req.Change.Class == resource.ClassNone && req.State.Exists && req.State.Outputs != nil {
		return &sdk.RunResult{Outputs: req.State.Outputs}, nil // Plan has compared everything
	}
	cfg, err := decode(req.Resource.Ref, req.Resource.Config)
	if err != nil {
		return nil, err
	}
	e := ensurer{server: s, ref: req.Resource.Ref, cfg: cfg, name: req.Resource.IncusName}
	if cfg.External && req.State.Exists {
		e.name = req.State.IncusName
	}
	n, err := e.look()
	if err != nil {
		return nil, err
	}
	if n != nil && !cfg.External {
		if problem := stranger(n, cfg); problem != nil {
			return nil, problem
		}
		if n, err = e.settled(ctx, n); err == nil && n != nil {
			n, err = e.replace(n)
		}
		if err != nil {
			return nil, err
		}
	}
	switch {
	case n != nil:
		result, err := e.update(ctx)
		if err == nil && broken(n) {
			err = e.revive(ctx)
		}
		return result, err
	case cfg.External:
		return nil, absentExternal(e.ref, cfg)
	case !req.Options.Create:
		return nil, resource.ErrNotFound.WithText(fmt.Sprintf("network %q does not exist", e.name)).WithHint("create it with `icc up`")
	}
	return e.create(ctx)
}

// ensurer is one ensure in progress.
type ensurer struct {
	*server
	ref  resource.Ref
	cfg  config
	name string
}

// look returns the network; for external ones that Plan has not found under another name, by any name that means it.
func (e *ensurer) look() (*api.Network, error) {
	n, _, err := e.get(e.name)
	if n != nil || err != nil || !e.cfg.External {
		return n, err
	}
	networks, err := e.list()
	if err != nil {
		return nil, err
	}
	for _, n := range networks {
		if matches(&n, cmp.Or(e.cfg.Name, e.ref.Name)) {
			e.name = n.Name
			return &n, nil
		}
	}
	return nil, nil
}

// replace deletes a network of another type, which Incus cannot change, and returns what is left: nil. A broken one that
// nobody is on goes, too.
func (e *ensurer) replace(n *api.Network) (*api.Network, error) {
	if broken(n) && len(n.UsedBy) == 0 {
		return nil, deleteNetwork(e.server, n)
	}
	kind, _ := driverType(e.cfg.Driver)
	if n.Type == kind {
		return n, nil
	}
	if len(n.UsedBy) > 0 {
		return nil, inUse(n).WithHint("its driver has changed, so it has to be made anew: `icc down`, then `icc up`")
	}
	return nil, deleteNetwork(e.server, n)
}

func (e *ensurer) builder(n *api.Network) builder {
	b := builder{ref: e.ref, cfg: e.cfg, name: e.name, incusProject: e.settings.IncusProject, current: elsewhere(n)}
	b.choose = func() netip.Prefix { return first(subnets(b, e.used())) }
	return b
}

// update writes what differs.
func (e *ensurer) update(ctx context.Context) (*sdk.RunResult, error) {
	var last *form
	obsolete := false
	changed, err := e.rewrite(ctx, e.name, func(n *api.Network) (api.NetworkPut, bool, error) {
		f, err := e.form(n)
		if err != nil {
			return api.NetworkPut{}, false, err
		}
		last = f
		obsolete = obsolete || !e.cfg.External && f.acl == nil && n.Config[keyACLHash] != ""
		if len(f.fields) == 0 {
			return f.put, false, nil
		}
		return f.put, true, e.openACL(f, n)
	})
	if err == nil && obsolete {
		_, err = removeACL(e.server, e.name)
	}
	if err != nil {
		return nil, err
	}
	return &sdk.RunResult{Outputs: sdk.MustEncode(last.outputs), Changed: changed}, nil
}

// form computes the network's form. When it gives away addresses on a network that others are on, it asks the server
// what they have: not everybody's addresses are on record.
func (e *ensurer) form(n *api.Network) (*form, error) {
	b := e.builder(n)
	f, err := b.build()
	if err == nil && !f.fresh || !strangersOn(n) {
		return f, err
	}
	if b.seen, err = e.inUse(n, b.attachments()); err != nil {
		return nil, err
	}
	return b.build()
}

// openACL makes the form's ACL, or rewrites it where its rules have changed, before the network uses it.
func (e *ensurer) openACL(f *form, n *api.Network) error {
	if f.acl == nil || n.Config[keyACLHash] == f.acl.hash() {
		return nil
	}
	_, err := f.acl.ensure(e.server)
	return err
}
