package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	client "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/image/record"
	"github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// cached lists the server's images with the instances that were made from them.
func cached(server client.InstanceServer, allProjects bool) ([]kinds.CachedImage, error) {
	list, err := incus.Listed(server.GetImages())
	if err != nil {
		return nil, fmt.Errorf("listing images: %w", incus.MapError(err))
	}
	users, err := usersOf(server, allProjects)
	if err != nil {
		return nil, err
	}
	out := make([]kinds.CachedImage, 0, len(list))
	for _, img := range list {
		c := cachedImage(img)
		c.Users = users[img.Fingerprint]
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b kinds.CachedImage) int {
		return cmp.Or(cmp.Compare(firstName(a), firstName(b)), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	return out, nil
}

func cachedImage(img api.Image) kinds.CachedImage {
	c := kinds.CachedImage{
		Fingerprint: img.Fingerprint, Project: img.Properties[resource.KeyProject], Architecture: img.Architecture,
		Size: img.Size, CreatedAt: img.CreatedAt, Foreign: !record.Ours(img.Properties),
	}
	for _, alias := range img.Aliases {
		i := newImage(alias.Name, alias.Description, img)
		c.Foreign = c.Foreign || !i.ours
		name := kinds.ImageName{Reference: nameOf(i), Digest: i.record.Digest, Pulled: i.record.Pulled, CreatedAt: img.CreatedAt}
		if config := i.config(); config != nil && !config.CreatedAt.IsZero() {
			name.CreatedAt = config.CreatedAt
		}
		c.Names = append(c.Names, name)
	}
	return c
}

func firstName(c kinds.CachedImage) string {
	if len(c.Names) == 0 {
		return ""
	}
	return c.Names[0].Reference
}

// usersOf returns the instances by the image that they were made from.
func usersOf(server client.InstanceServer, allProjects bool) (map[string][]kinds.ImageUser, error) {
	get := server.GetInstances
	if allProjects {
		get = server.GetInstancesAllProjects
	}
	list, err := incus.Listed(get(api.InstanceTypeAny))
	if err != nil {
		return nil, fmt.Errorf("looking for the images' users: %w", incus.MapError(err))
	}
	out := map[string][]kinds.ImageUser{}
	for _, i := range list {
		fingerprint := i.Config["volatile.base_image"]
		out[fingerprint] = append(out[fingerprint], kinds.ImageUser{
			Instance: i.Name, IncusProject: i.Project, Project: i.Config[resource.KeyProject],
			Reference: i.Config[kinds.KeyInstanceImage], Digest: i.Config[kinds.KeyInstanceDigest],
		})
	}
	return out, nil
}

// prune removes the images of the request that icc made and no instance of any project uses. What cannot be removed
// does not keep the others.
func (p *provider) prune(ctx context.Context, req kinds.PruneRequest) ([]kinds.CachedImage, error) {
	server, err := p.dialImages(ctx)
	if err != nil {
		return nil, err
	}
	list, err := cached(server, true)
	if errors.Is(err, resource.ErrPermission) {
		return nil, resource.ErrPermission.WithText("images that other Incus projects may be using are not removed").
			WithHint("prune with access to all projects, or remove this project's with `icc down --rmi all`").Wrap(err)
	}
	if err != nil {
		return nil, err
	}
	gone := []kinds.CachedImage{}
	var failed []error
	for _, c := range list {
		if c.Foreign || len(c.Users) > 0 || !slices.Contains(req.Fingerprints, c.Fingerprint) {
			continue
		}
		op, err := server.DeleteImage(c.Fingerprint)
		if err == nil {
			err = incus.Wait(ctx, op)
		}
		if err != nil && !incus.IsNotFound(err) {
			failed = append(failed, fmt.Errorf("removing image %.12s: %w", c.Fingerprint, incus.MapError(err)))
			continue
		}
		gone = append(gone, c)
	}
	return gone, errors.Join(failed...)
}

// dialImages connects to the Incus project that has the images.
func (p *provider) dialImages(ctx context.Context) (client.InstanceServer, error) {
	s := p.current()
	server, err := incus.Dial(ctx, s)
	if err != nil {
		return nil, err
	}
	return homeOf(server, s)
}

// listCache answers kinds.CallCache.
func (p *provider) listCache(ctx context.Context, req kinds.CacheRequest) ([]kinds.CachedImage, error) {
	server, err := p.dialImages(ctx)
	if err != nil {
		return nil, err
	}
	return cached(server, req.AllProjects)
}
