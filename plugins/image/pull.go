package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/image/record"
	"github.com/icc-project/icc/plugins/image/reference"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// cannotPull is an error of a server that could not get hold of the image at all.
type cannotPull struct{ error }

// Unwrap returns the wrapped error.
func (c *cannotPull) Unwrap() error { return c.error }

// pull has the server fetch an OCI image and returns its fingerprint. Two pulls of one image at the same time become
// one on the server, and the properties of both are kept.
// size is the size of its layers in bytes, 0 when that is not known.
func (j *job) pull(ctx context.Context, name string, config record.Config, size int64) (string, error) {
	properties := map[string]string{resource.KeyVersion: sdk.Version}
	if config.Digest != "" {
		var err error
		if properties, err = config.Properties(sdk.Version); err != nil {
			return "", err
		}
	}
	return j.copyImage(ctx, api.ImageSource{
		Protocol:    "oci",
		Server:      strings.TrimSuffix(j.ref.Remote.Address, "/"),
		Certificate: j.ref.Remote.Certificate,
		Alias:       name,
	}, properties, record.Alias{Digest: config.Digest}, size)
}

// fetchNative has the server copy an image from an image server.
func (j *job) fetchNative(ctx context.Context, now time.Time) (image, error) {
	fingerprint, err := j.copyImage(ctx, api.ImageSource{
		Protocol:    j.ref.Remote.Protocol,
		Server:      strings.TrimSuffix(j.ref.Remote.Address, "/"),
		Certificate: j.ref.Remote.Certificate,
		Alias:       j.ref.Image,
		ImageType:   j.config.Type,
	}, map[string]string{resource.KeyVersion: sdk.Version}, record.Alias{}, 0)
	if err != nil {
		return image{}, j.explainNative(err)
	}
	if fingerprint == j.found.Fingerprint {
		return j.unchanged(ctx, now)
	}
	return j.point(ctx, fingerprint, record.Alias{Pulled: now})
}

// copyImage runs the server's own download. A new image gets its alias in the same operation: the server goes on when we
// are cancelled, and what it then has is complete.
func (j *job) copyImage(
	ctx context.Context, source api.ImageSource, properties map[string]string, rec record.Alias, size int64,
) (string, error) {
	post := api.ImagesPost{
		ImagePut: api.ImagePut{Properties: properties},
		Source:   &api.ImagesPostSource{ImageSource: source, Mode: "pull", Type: "image"},
	}
	if !j.found.exists {
		rec.Pulled = time.Now()
		post.Aliases = []api.ImageAlias{{Name: j.alias, Description: rec.Description()}}
	}
	sink := weighed{Sink: j.sink, size: size}
	sink.Progress(resource.Progress{Percent: -1, Text: "pulling"})
	op, err := j.server.CreateImage(post, nil)
	var ended *api.Operation
	if err == nil {
		ended, err = incus.EndProgress(ctx, j.server, op, sink)
	}
	fingerprint := fingerprintOf(ended)
	switch {
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case err == nil, incus.IsExists(err) && fingerprint != "":
		return fingerprint, nil // another run gave the image its alias in the meantime
	case strings.Contains(err.Error(), "Failed getting remote image info"):
		return "", &cannotPull{resource.ErrImageSource.WithText(fmt.Sprintf("the server cannot fetch %s", j.alias)).
			WithHint(j.reachHint()).Wrap(err)}
	}
	return "", resource.ErrImageSource.WithText(fmt.Sprintf("the server cannot fetch %s", j.alias)).
		WithHint(roomHint(err)).Wrap(incus.MapError(err))
}

// reachHint says what the server needs to get at the image's source.
func (j *job) reachHint() string {
	if j.ref.Source == reference.Native {
		return "check that the server reaches " + j.ref.Remote.Address
	}
	return "check that the server reaches the registry; it needs skopeo for OCI images"
}

// explainNative says what an image server's error means.
func (j *job) explainNative(err error) error {
	text := strings.ToLower(err.Error())
	if strings.Contains(text, "couldn't be found") || strings.Contains(text, "not found") {
		return resource.ErrNotFound.
			WithText(fmt.Sprintf("%s has no image %s", j.ref.Remote.Address, j.ref.Image)).
			WithHint(fmt.Sprintf("list what there is with `incus image list %s`", strings.SplitAfter(j.config.Reference, ":")[0])).
			Wrap(err)
	}
	return err
}

// fingerprintOf returns the fingerprint that an image operation ended with.
func fingerprintOf(op *api.Operation) string {
	if op == nil {
		return ""
	}
	fingerprint, _ := op.Metadata["fingerprint"].(string)
	return fingerprint
}
