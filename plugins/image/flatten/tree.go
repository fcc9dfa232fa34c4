package flatten

import (
	"archive/tar"
	"path"
	"strings"
)

// node is one name in the file system as the layers read so far leave it.
type node struct {
	header   *tar.Header
	children map[string]*node // nil for everything but directories
	content  *content         // for regular files; shared by hard links
	layer    int              // the last layer that touched the node or something below it
}

// content is the bytes of a regular file: where they are, and under which names they survive.
type content struct {
	layer, entry int
	size         int64
	names        []string
	// small keeps the bytes of files that are needed before the tar is written.
	small []byte
}

func newDir(layer int) *node {
	return &node{
		header:   &tar.Header{Typeflag: tar.TypeDir, Mode: 0o755},
		children: map[string]*node{},
		layer:    layer,
	}
}

// split cleans a path of a layer and returns its elements; the root has none.
func split(p string) []string {
	clean := strings.TrimPrefix(path.Clean("/"+p), "/")
	if clean == "" {
		return nil
	}
	return strings.Split(clean, "/")
}

// maxLinks bounds the symbolic links on the way to a file, as the kernel does.
const maxLinks = 40

// walk returns the directory that elements lead to from the root, following symbolic links inside the tree. Missing
// directories and files in the way become directories when make is set; otherwise nil is returned.
func (t *Tree) walk(elements []string, layer int, create bool) *node {
	return t.walkFrom(elements, layer, create, maxLinks)
}

func (t *Tree) walkFrom(elements []string, layer int, create bool, links int) *node {
	dir, at := t.root, []string{}
	t.touch(dir, layer, create)
	for i, element := range elements {
		next := dir.children[element]
		switch {
		case next != nil && next.header.Typeflag == tar.TypeSymlink && links > 0:
			target := next.header.Linkname
			if !strings.HasPrefix(target, "/") {
				target = strings.Join(at, "/") + "/" + target
			}
			return t.walkFrom(append(split(target), elements[i+1:]...), layer, create, links-1)
		case next != nil && next.children != nil:
		case !create:
			return nil
		default:
			next = newDir(layer)
			dir.children[element] = next
		}
		t.touch(next, layer, create)
		dir, at = next, append(at, element)
	}
	return dir
}

func (t *Tree) touch(n *node, layer int, create bool) {
	if create {
		n.layer = layer
	}
}

// find returns the node of a path, following symbolic links of its directories only, or nil.
func (t *Tree) find(p string) *node {
	elements := split(p)
	if len(elements) == 0 {
		return t.root
	}
	last := len(elements) - 1
	dir := t.walk(elements[:last], 0, false)
	if dir == nil {
		return nil
	}
	return dir.children[elements[last]]
}

// hide removes what lower layers put into dir, under one name or under all ("").
func hide(dir *node, name string, layer int) {
	if dir == nil {
		return
	}
	for key, child := range dir.children {
		if name != "" && key != name {
			continue
		}
		if child.layer < layer {
			delete(dir.children, key)
		} else {
			hide(child, "", layer)
		}
	}
}
