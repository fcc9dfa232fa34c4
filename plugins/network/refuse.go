package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// stranger returns why a network of that name must not be touched, nil when it is this project's.
func stranger(n *api.Network, cfg config) *resource.Error {
	switch owner := n.Config[resource.KeyProject]; {
	case owner == cfg.Project:
		return nil
	case !n.Managed:
		return resource.ErrConflict.WithText(fmt.Sprintf("the server has a network interface %q already", n.Name)).
			WithHint("give the network another `name`, or declare it `external: true` to use the interface")
	case owner != "":
		return resource.ErrConflict.WithText(fmt.Sprintf("network %q belongs to Compose project %q", n.Name, owner)).
			WithHint("declare it `external: true` to share it, or give the network another `name`")
	}
	return resource.ErrConflict.WithText(fmt.Sprintf("there is a network %q that icc did not make", n.Name)).
		WithHint("declare it `external: true` to use it, give the network another `name`, or delete it with `incus network delete " + n.Name + "`")
}

// absentExternal is the error for an external network that is not there.
func absentExternal(ref resource.Ref, cfg config) *resource.Error {
	name := cmp.Or(cfg.Name, ref.Name)
	return resource.ErrNotFound.WithResource(ref).WithText(fmt.Sprintf("external network %q does not exist", name)).
		WithHint(fmt.Sprintf("create it with `incus network create %s`, or remove `external: true` to have icc make one", name))
}

// inUse is the error for a network that cannot be deleted because somebody is on it.
func inUse(n *api.Network) *resource.Error {
	var who []string
	for _, u := range sdkincus.Users(n.UsedBy) {
		text := u.String()
		if u.Project != api.ProjectDefaultName {
			text += " of Incus project " + u.Project
		}
		who = append(who, text)
	}
	slices.Sort(who)
	return resource.ErrConflict.WithText(fmt.Sprintf("network %q is still used by %s", n.Name, strings.Join(who, ", "))).
		WithHint("remove them or take them off the network first, for example with `incus network detach " + n.Name + " INSTANCE`")
}

// denied explains a refusal to make networks, which restricted projects and certificates meet, and subnets of others.
func denied(err error) error {
	if addressInUse(err) {
		return resource.ErrConflict.WithText("its subnet, or a part of it, is in use on the server").Wrap(err).
			WithHint("choose another `subnet` for it in the compose file, or none: icc then finds a free one; `incus network list` shows those in use")
	}
	if !sdkincus.IsForbidden(err) && !strings.Contains(err.Error(), "not allowed in project") {
		return sdkincus.MapError(err)
	}
	return resource.ErrPermission.WithText("this Incus project may not have networks of its own").Wrap(err).
		WithHint("use one that exists with `networks: {default: {external: true, name: NAME}}`; `incus network list` shows them")
}
