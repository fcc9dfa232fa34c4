package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/icc-project/icc/plugins/image/record"
	"github.com/icc-project/icc/plugins/image/registry"
	"github.com/icc-project/icc/sdk/resource"
)

// fetchOCI reads the image's configuration from the registry and has the server pull exactly that image.
func (j *job) fetchOCI(ctx context.Context, now time.Time) (image, error) {
	source, err := registry.New(ctx, j.ref)
	if err != nil {
		return image{}, err
	}
	digest, err := source.Digest(j.platform)
	if registry.IsUnreachable(err) && !j.found.exists {
		return j.fetchUnseen(ctx, now, err)
	}
	if err != nil {
		return image{}, err
	}
	if j.found.exists && digest == j.found.record.Digest && j.found.config() != nil {
		return j.unchanged(ctx, now)
	}
	fingerprint, err := j.holding(digest)
	if err != nil {
		return image{}, err
	}
	if fingerprint != "" {
		return j.point(ctx, fingerprint, record.Alias{Digest: digest, Pulled: now})
	}
	img, digest, err := source.Image(j.platform)
	if err != nil {
		return image{}, err
	}
	config, err := describe(img, digest, j.platform)
	if err != nil {
		return image{}, err
	}
	fingerprint, err = j.transfer(ctx, source, img, config)
	if err != nil {
		return image{}, err
	}
	return j.point(ctx, fingerprint, record.Alias{Digest: digest, Pulled: now})
}

// transfer brings the image onto the server: pulled by the server when it can, by us when the registry wants a login,
// which the server would show to everybody, or when only we can reach the registry.
func (j *job) transfer(ctx context.Context, source *registry.Client, img v1.Image, config record.Config) (string, error) {
	if source.Private() && j.ref.User() == nil {
		return j.downloadOnce(ctx, source, img, config)
	}
	fingerprint, err := j.pull(ctx, j.ref.Repository+"@"+config.Digest, config, layersSize(img))
	var cannot *cannotPull
	if errors.As(err, &cannot) {
		j.sink.Notice(resource.LevelWarning, fmt.Sprintf(
			"the server cannot fetch %s itself (%s); it is fetched here and uploaded", j.alias, oneLine(errors.Unwrap(cannot.error))))
		return j.downloadOnce(ctx, source, img, config)
	}
	return fingerprint, err
}

// fetchUnseen has the server pull an image from a registry that only the server may reach. Nothing is known of its
// configuration then but what Incus makes of it.
func (j *job) fetchUnseen(ctx context.Context, now time.Time, why error) (image, error) {
	name := j.ref.Repository + ":" + j.ref.Tag
	if j.ref.Digest != "" {
		name = j.ref.Repository + "@" + j.ref.Digest
	}
	fingerprint, err := j.pull(ctx, name, record.Config{}, 0)
	if ctx.Err() != nil {
		return image{}, context.Cause(ctx)
	}
	var cannot *cannotPull
	if errors.As(err, &cannot) {
		return image{}, why // neither of us can reach it; our own error is the better one
	}
	if err != nil {
		return image{}, err
	}
	j.sink.Notice(resource.LevelWarning, fmt.Sprintf("only the server can reach registry %s: ENTRYPOINT and CMD of %s cannot be "+
		"told apart, its HEALTHCHECK, VOLUME and STOPSIGNAL are unknown (%v)", j.ref.Registry, j.alias, why))
	return j.point(ctx, fingerprint, record.Alias{Pulled: now})
}

// unchanged notes when the registry was asked, where a later run wants to know.
func (j *job) unchanged(ctx context.Context, now time.Time) (image, error) {
	if j.policy.every == 0 {
		return j.found, nil
	}
	rec := j.found.record
	rec.Pulled = now
	return j.point(ctx, j.found.Fingerprint, rec)
}

// describe reads what has to be remembered of an image.
func describe(img v1.Image, digest string, p registry.Platform) (record.Config, error) {
	raw, err := img.RawConfigFile()
	if err != nil {
		return record.Config{}, fmt.Errorf("reading the image's configuration: %w", err)
	}
	process, err := registry.Process(raw)
	if err != nil {
		return record.Config{}, err
	}
	config := record.Config{Digest: digest, Architecture: p.Incus, Process: process}
	if file, err := img.ConfigFile(); err == nil {
		config.CreatedAt = file.Created.UTC()
	}
	return config, nil
}

// oneLine makes the server's words fit into a message.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
