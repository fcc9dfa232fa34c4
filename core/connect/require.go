package connect

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk/resource"
)

// ociVersion is the first Incus that runs OCI containers.
const ociVersion = "6.3"

// RequireOCI returns an error that names both versions when the server cannot run OCI containers.
func (c *Connection) RequireOCI() error {
	if c.IsOffline() {
		return resource.ErrDisconnected
	}
	if slices.Contains(c.info.APIExtensions, "instance_oci") {
		return nil
	}
	return resource.ErrUnsupported.
		WithText(fmt.Sprintf("Incus %s on %s cannot run OCI containers: it needs version %s or later",
			c.info.Environment.ServerVersion, c.target, ociVersion)).
		WithHint("upgrade Incus there, or name another server with --remote")
}

// findProject returns an error when the Incus project that the user chose does not exist or is closed to this user.
// Listings of a missing project are merely empty.
func (t target) findProject(ctx context.Context, ask *asker, name string) error {
	if name == "" {
		return nil
	}
	err := ask.get(ctx, "/1.0/projects/"+url.PathEscape(name), &api.Project{})
	switch {
	case err == nil:
		return nil
	case api.StatusErrorCheck(err, 404):
		otherwise := "leave out --incus-project and INCUS_PROJECT"
		if name == t.project {
			otherwise = fmt.Sprintf("let the Incus client forget it with `incus project switch %s:default`", t.name)
		}
		return resource.ErrNotFound.WithText(fmt.Sprintf("there is no Incus project %q on %s, or you may not see it", name, t)).
			WithHint(fmt.Sprintf("create it with `incus project create %s`, or %s", name, otherwise))
	case api.StatusErrorCheck(err, 403):
		return resource.ErrPermission.WithText(fmt.Sprintf("the Incus project %q on %s is closed to you", name, t)).
			WithHint("see `incus project list` for those you may use")
	}
	return resource.ErrOperation.WithText(fmt.Sprintf("asking for the Incus project %q", name)).Wrap(err)
}
