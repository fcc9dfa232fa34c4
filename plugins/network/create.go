package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	sdkincus "github.com/icc-project/icc/sdk/incus"
)

// subnetAttempts bounds how many automatic subnets are tried: what is in use without being visible is rare.
const subnetAttempts = 8

// create makes the network with its addresses and records in one request, and its ACL before it. Requests that have
// begun are let through when ctx ends, because Incus finishes them anyway; what is then half made is undone.
func (e *ensurer) create(ctx context.Context) (*sdk.RunResult, error) {
	steady, err := connect(context.WithoutCancel(ctx), e.settings)
	if err != nil {
		return nil, err
	}
	e.server = steady
	tries := 0
	for subnet := range e.candidates() {
		tries++
		b := e.builder(nil)
		b.choose = func() netip.Prefix { return subnet }
		f, err := b.build()
		if err != nil {
			return nil, err
		}
		err = e.post(ctx, f)
		switch {
		case err == nil:
			return &sdk.RunResult{Outputs: sdk.MustEncode(f.outputs), Created: true, Changed: true}, nil
		case sdkincus.IsExists(err):
			return e.meanwhile(ctx)
		case !addressInUse(err) || tries == subnetAttempts || e.fixed():
			return nil, fmt.Errorf("creating network %q: %w", e.name, denied(err))
		}
	}
	return nil, fmt.Errorf("creating network %q: no private subnet is free on the server; choose one with ipam.config[].subnet", e.name)
}

// post makes the ACL and the network; if the network fails, the ACL goes again. Meanwhile no other run of this machine
// does so: it would take an ACL away that the other one relies on.
func (e *ensurer) post(ctx context.Context, f *form) error {
	unlock, err := e.lock(ctx, e.name)
	if err != nil {
		return err
	}
	defer unlock()
	made := false
	if f.acl != nil {
		if made, err = f.acl.ensure(e.server); err != nil {
			return err
		}
	}
	err = context.Cause(ctx)
	if err == nil {
		err = e.CreateNetwork(api.NetworksPost{NetworkPut: f.put, Name: e.name, Type: f.kind})
	}
	if err != nil && made {
		_, left := removeACL(e.server, f.acl.name)
		return errors.Join(err, left)
	}
	return err
}

// meanwhile goes on with a network that somebody else has made since it was missing.
func (e *ensurer) meanwhile(ctx context.Context) (*sdk.RunResult, error) {
	n, _, err := e.get(e.name)
	if err != nil {
		return nil, err
	}
	if n == nil {
		return nil, fmt.Errorf("creating network %q: it comes and goes while it is made", e.name)
	}
	if problem := stranger(n, e.cfg); problem != nil {
		return nil, problem
	}
	return e.update(ctx)
}

// fixed says that the IPv4 subnet is not ours to choose.
func (e *ensurer) fixed() bool {
	_, declared := e.builder(nil).ipam("ipv4")
	raw := e.cfg.Incus["ipv4.address"]
	return declared || raw != "" && raw != "auto" || !e.cfg.IPv4
}

// candidates yields the subnets to try. What the server's networks and interfaces use is left out; where the declaration
// says what to use, the one value is not looked at.
func (e *ensurer) candidates() func(func(netip.Prefix) bool) {
	if e.fixed() {
		return func(yield func(netip.Prefix) bool) { yield(netip.Prefix{}) }
	}
	return subnets(e.builder(nil), e.used())
}

// addressInUse recognises the ways in which a new network can fail because something has its addresses already.
func addressInUse(err error) bool {
	text := strings.ToLower(err.Error())
	return strings.Contains(text, "address already in use") || strings.Contains(text, "overlap")
}
