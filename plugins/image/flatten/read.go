package flatten

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// Layer is one layer of an image, the lowest first.
type Layer interface {
	// Uncompressed returns the layer's tar. It is called twice.
	Uncompressed() (io.ReadCloser, error)
}

// Tree is the file system that the layers of an image make up.
type Tree struct {
	layers []Layer
	root   *node
}

const (
	whiteout = ".wh."
	opaque   = ".wh..wh..opq"
	// maxSmall bounds the files that are kept in memory.
	maxSmall = 1 << 20
)

// kept are the files whose content File returns.
func kept(name string) bool { return name == "etc/passwd" || name == "etc/group" }

// Read reads the names in all layers.
func Read[L Layer](ctx context.Context, layers []L) (*Tree, error) {
	t := &Tree{root: newDir(0)}
	for i, layer := range layers {
		t.layers = append(t.layers, layer)
		err := entries(ctx, layer, func(entry int, h *tar.Header, r io.Reader) error {
			return t.add(i, entry, h, r)
		})
		if err != nil {
			return nil, fmt.Errorf("reading layer %d: %w", i+1, err)
		}
	}
	return t, nil
}

// entries calls f for each entry of the layer's tar, and reads it to the end so that its digest is checked.
func entries(ctx context.Context, layer Layer, f func(entry int, h *tar.Header, r io.Reader) error) error {
	raw, err := layer.Uncompressed()
	if err != nil {
		return err
	}
	defer func() { _ = raw.Close() }()
	archive := tar.NewReader(raw)
	for entry := 0; ; entry++ {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if err := f(entry, header, archive); err != nil {
			return err
		}
	}
	_, err = io.Copy(io.Discard, raw)
	return err
}

func (t *Tree) add(layer, entry int, h *tar.Header, r io.Reader) error {
	elements := split(h.Name)
	if len(elements) == 0 {
		if h.Typeflag == tar.TypeDir {
			t.root.header = h
		}
		return nil
	}
	last := len(elements) - 1
	parents, base := elements[:last], elements[last]
	switch {
	case base == opaque:
		hide(t.walk(parents, layer, true), "", layer)
		return nil
	case strings.HasPrefix(base, whiteout):
		hide(t.walk(parents, layer, false), strings.TrimPrefix(base, whiteout), layer)
		return nil
	}
	n, err := t.newNode(layer, entry, h, r)
	if err != nil || n == nil {
		return err
	}
	dir := t.walk(parents, layer, true)
	if old := dir.children[base]; old != nil && old.children != nil && n.children != nil {
		n.children = old.children // a directory over a directory changes its attributes only
	}
	dir.children[base] = n
	return nil
}

func (t *Tree) newNode(layer, entry int, h *tar.Header, r io.Reader) (*node, error) {
	n := &node{header: h, layer: layer}
	switch h.Typeflag {
	case tar.TypeDir:
		n.children = map[string]*node{}
	case tar.TypeLink:
		target := t.find(h.Linkname)
		if target == nil || target.children != nil {
			return nil, fmt.Errorf("%q is a hard link to %q, which does not exist", h.Name, h.Linkname)
		}
		n.header, n.content = target.header, target.content
	case tar.TypeSymlink, tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
	case tar.TypeReg, tar.TypeGNUSparse, tar.TypeCont:
		n.content = &content{layer: layer, entry: entry, size: h.Size}
		if kept(path.Clean(strings.TrimPrefix(h.Name, "/"))) && h.Size <= maxSmall {
			small, err := io.ReadAll(r)
			if err != nil {
				return nil, err
			}
			n.content.small = small
		}
	default: // global PAX headers and the like describe the archive, not a file
		return nil, nil
	}
	return n, nil
}

// File returns the content of etc/passwd or etc/group, or nil when the image has none.
func (t *Tree) File(name string) []byte {
	n := t.find(name)
	if n == nil || n.content == nil {
		return nil
	}
	return n.content.small
}
