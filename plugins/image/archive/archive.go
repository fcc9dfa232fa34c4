package archive

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// Open returns the image in the archive. Layers are read from the file when they are needed, so the archive must stay
// until done was called.
func Open(ctx context.Context, path string) (img v1.Image, done func(), err error) {
	docker, err := isDocker(ctx, path)
	if err != nil {
		return nil, nil, fmt.Errorf("reading image archive %s: %w", path, err)
	}
	if docker {
		img, err := tarball.ImageFromPath(path, nil)
		if err != nil {
			return nil, nil, fmt.Errorf("reading image archive %s: %w", path, err)
		}
		return img, func() {}, nil
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), "layout-")
	if err != nil {
		return nil, nil, err
	}
	done = func() { _ = os.RemoveAll(dir) }
	if img, err = unpack(ctx, path, dir); err != nil {
		done()
		return nil, nil, fmt.Errorf("reading image archive %s: %w", path, err)
	}
	return img, done, nil
}

// isDocker says whether the archive has Docker's manifest. Newer Docker writes both forms into one file.
func isDocker(ctx context.Context, path string) (bool, error) {
	docker, known := false, false
	err := each(ctx, path, func(h *tar.Header, _ io.Reader) error {
		docker = docker || h.Name == "manifest.json"
		known = known || docker || filepath.Clean(h.Name) == "oci-layout"
		return nil
	})
	if err == nil && !known {
		err = errors.New("it is neither a Docker nor an OCI archive")
	}
	return docker, err
}

// layoutFile matches what belongs to an OCI layout. Nothing else is unpacked.
var layoutFile = regexp.MustCompile(`^(index\.json|oci-layout|blobs/[a-z0-9]+/[a-f0-9]+)$`)

func unpack(ctx context.Context, path, dir string) (v1.Image, error) {
	err := each(ctx, path, func(h *tar.Header, r io.Reader) error {
		name := filepath.Clean(h.Name)
		if h.Typeflag != tar.TypeReg || !layoutFile.MatchString(name) {
			return nil
		}
		return write(filepath.Join(dir, name), r)
	})
	if err != nil {
		return nil, err
	}
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return nil, err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	if len(manifest.Manifests) != 1 {
		return nil, fmt.Errorf("it has %d images, not one", len(manifest.Manifests))
	}
	return index.Image(manifest.Manifests[0].Digest)
}

func write(path string, r io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, r); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

func each(ctx context.Context, path string, visit func(*tar.Header, io.Reader) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	for r := tar.NewReader(f); ; {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := visit(h, r); err != nil {
			return err
		}
	}
}
