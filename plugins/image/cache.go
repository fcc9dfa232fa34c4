package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	client "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/image/record"
	"github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// cached lists the server's images with the instances that were made from them.
func cached(server client.InstanceServer, allProjects bool, now time.Time) ([]kinds.CachedImage, error) {
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
		c.Fresh = fresh(c, img, now)
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

// freshTime is how long an `up` may take from the first image that it has fetched to the first instance of it.
const freshTime = time.Hour

// fresh says whether an image came or was asked for lately, and no instance was made from it since.
func fresh(c kinds.CachedImage, img api.Image, now time.Time) bool {
	asked := img.UploadedAt
	for _, name := range c.Names {
		if name.Pulled.After(asked) {
			asked = name.Pulled
		}
	}
	return now.Sub(asked) < freshTime && !img.LastUsedAt.After(asked)
}

func firstName(c kinds.CachedImage) string {
	if len(c.Names) == 0 {
		return ""
	}
	return c.Names[0].Reference
}

// prune removes the images of the request that icc made and no instance of any project uses or is about to use. What cannot be removed
// does not keep the others.
func (p *provider) prune(ctx context.Context, req kinds.PruneRequest) ([]kinds.CachedImage, error) {
	server, err := p.dialImages(ctx)
	if err != nil {
		return nil, err
	}
	list, err := cached(server, true, p.now())
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
		if c.Foreign || len(c.Users) > 0 || c.Fresh && !req.Fresh || !slices.Contains(req.Fingerprints, c.Fingerprint) {
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
	s := p.Settings()
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
	return cached(server, req.AllProjects, p.now())
}
