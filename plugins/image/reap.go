package main

import (
	"context"
	"fmt"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/image/record"
	"github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// reap removes an image that lost its last alias, unless an instance still uses it or somebody else made it. It is
// tidying: what cannot be removed stays for another time.
func (j *job) reap(ctx context.Context, fingerprint string) {
	img, _, err := j.server.GetImage(fingerprint)
	if err != nil || !record.Ours(img.Properties) || len(img.Aliases) > 0 {
		return
	}
	if n, err := j.users(fingerprint); err != nil || n > 0 {
		return
	}
	op, err := j.server.DeleteImage(fingerprint)
	if err == nil {
		_, err = incus.End(ctx, j.server, op)
	}
	if err != nil && !incus.IsNotFound(err) {
		j.sink.Notice(resource.LevelDebug, fmt.Sprintf("the old image %.12s stays: %v", fingerprint, err))
	}
}

// sweep removes images of this Compose project that lost their alias while an instance still used them.
func (j *job) sweep(ctx context.Context, list []api.Image) {
	for _, img := range list {
		if len(img.Aliases) == 0 && img.Properties[resource.KeyProject] == j.settings.ComposeProject && j.settings.ComposeProject != "" {
			j.reap(ctx, img.Fingerprint)
		}
	}
}

// forget removes the configuration of a digest that no alias names any more.
func (j *job) forget(ctx context.Context, digest string) {
	key := record.ConfigKey(digest)
	get := func() (*api.Image, string, error) { return j.server.GetImage(j.found.Fingerprint) }
	err := incus.Update(ctx, get, func(img *api.Image, etag string) error {
		if _, has := img.Properties[key]; !has {
			return nil
		}
		put := img.Writable()
		delete(put.Properties, key)
		return j.server.UpdateImage(img.Fingerprint, put, etag)
	})
	if err != nil {
		j.sink.Notice(resource.LevelDebug, fmt.Sprintf("an old configuration of image %.12s stays: %v", j.found.Fingerprint, err))
	}
}
