package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	client "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/image/bundle"
	"github.com/icc-project/icc/plugins/image/flatten"
	"github.com/icc-project/icc/plugins/image/record"
	"github.com/icc-project/icc/plugins/image/registry"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// upload converts an image into a split Incus image and uploads it in one stream. Properties become part of the
// fingerprint, so images of different Compose projects never share one.
func (j *job) upload(ctx context.Context, img v1.Image, config record.Config, properties map[string]string) (string, error) {
	layers, err := img.Layers()
	if err != nil {
		return "", fmt.Errorf("reading the image's layers: %w", err)
	}
	tree, err := flatten.Read(ctx, layers)
	if err != nil {
		return "", resource.ErrImageSource.WithText("reading the image's layers").Wrap(err)
	}
	user, err := bundle.FindUser(config.Process.User, tree.File("etc/passwd"), tree.File("etc/group"))
	if err != nil {
		return "", err
	}
	metadata, err := bundle.Metadata(bundle.Image{
		Architecture: config.Architecture, CreatedAt: config.CreatedAt, Properties: properties, Process: config.Process, User: user,
	})
	if err != nil {
		return "", err
	}
	more, err := config.Properties(sdk.Version)
	if err != nil {
		return "", err
	}
	return j.send(ctx, metadata, tree, incus.Merge(more, map[string]string{"description": j.alias + " (OCI)"}))
}

// send uploads the two halves. The second one is written while it is sent.
func (j *job) send(ctx context.Context, metadata []byte, tree *flatten.Tree, properties map[string]string) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	rootfs, w := io.Pipe()
	defer func() { _ = rootfs.Close() }()
	sent := &meter{}
	go func() { _ = w.CloseWithError(j.writeRootfs(ctx, tree, sent, w)) }()
	go follow(ctx, j.sink, "uploading", sent.total.Load, tree.Size())
	// The client knows no context for uploads: closing the pipe ends them.
	stop := context.AfterFunc(ctx, func() { _ = rootfs.CloseWithError(context.Cause(ctx)) })
	defer stop()
	op, err := j.server.CreateImage(api.ImagesPost{ImagePut: api.ImagePut{Properties: properties}}, &client.ImageCreateArgs{
		MetaFile: bytes.NewReader(metadata), MetaName: "metadata.tar", RootfsFile: rootfs, RootfsName: "rootfs.tar",
	})
	var ended *api.Operation
	if err == nil {
		ended, err = incus.End(ctx, j.server, op)
	}
	fingerprint := fingerprintOf(ended)
	switch {
	case err == nil:
		return fingerprint, nil
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case incus.IsExists(err) && fingerprint != "":
		return fingerprint, j.addProperties(ctx, fingerprint, properties)
	}
	return "", resource.ErrCreate.WithText("uploading the image").WithHint(roomHint(err)).Wrap(incus.MapError(err))
}

// roomHint is the hint for an error of a server that has no room for an image, "" for others.
func roomHint(err error) string {
	if strings.Contains(err.Error(), "no space left on device") {
		return "make room where the server keeps its images, for example with `icc images prune`"
	}
	return ""
}

// writeRootfs writes the root file system, compressed when it has a way to go.
func (j *job) writeRootfs(ctx context.Context, tree *flatten.Tree, sent *meter, w io.Writer) error {
	if !j.settings.Remote {
		sent.w = w
		return tree.Write(ctx, sent)
	}
	packed, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	sent.w = packed
	if err := tree.Write(ctx, sent); err != nil {
		return err
	}
	return packed.Close()
}

// addProperties adds a configuration to an image that the server had already.
func (j *job) addProperties(ctx context.Context, fingerprint string, properties map[string]string) error {
	get := func() (*api.Image, string, error) { return j.server.GetImage(fingerprint) }
	return incus.Update(ctx, get, func(img *api.Image, etag string) error {
		put := img.Writable()
		put.Properties = incus.Merge(put.Properties, properties)
		return j.server.UpdateImage(fingerprint, put, etag)
	})
}

// download fetches the image's layers here and uploads them. The digest is locked.
func (j *job) download(ctx context.Context, source *registry.Client, img v1.Image, config record.Config) (string, error) {
	dir, err := downloadDir(j.settings.CacheDir, config.Digest)
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	watched, cancel := context.WithCancel(ctx)
	defer cancel()
	go follow(watched, j.sink, "downloading", source.Received, layersSize(img))
	path, err := layout.Write(dir, empty.Index)
	if err == nil {
		err = path.AppendImage(img)
	}
	if err != nil {
		return "", source.Explain(err)
	}
	hash, err := v1.NewHash(config.Digest)
	if err != nil {
		return "", err
	}
	local, err := path.Image(hash)
	if err != nil {
		return "", err
	}
	cancel()
	return j.upload(ctx, local, config, nil)
}

func layersSize(img v1.Image) int64 {
	manifest, err := img.Manifest()
	if err != nil {
		return 0
	}
	var total int64
	for _, l := range manifest.Layers {
		total += l.Size
	}
	return total
}
