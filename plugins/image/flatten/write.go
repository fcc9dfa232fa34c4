package flatten

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// Write writes the file system as one tar: directories, links and devices first, then the files in the order in which
// the layers have them. The same layers always give the same bytes.
func (t *Tree) Write(ctx context.Context, w io.Writer) error {
	out := tar.NewWriter(w)
	files := make([]map[int]*content, len(t.layers))
	for i := range files {
		files[i] = map[int]*content{}
	}
	if err := writeTree(out, t.root, "", files); err != nil {
		return err
	}
	for i, layer := range t.layers {
		if len(files[i]) == 0 {
			continue
		}
		err := entries(ctx, layer, func(entry int, h *tar.Header, r io.Reader) error {
			if c := files[i][entry]; c != nil {
				return writeFile(out, h, c, r)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("reading layer %d: %w", i+1, err)
		}
	}
	return out.Close()
}

// Size returns the number of bytes in the files, which is less than the tar has.
func (t *Tree) Size() int64 {
	seen := map[*content]bool{}
	var total int64
	var add func(*node)
	add = func(n *node) {
		if n.content != nil && !seen[n.content] {
			seen[n.content] = true
			total += n.content.size
		}
		for _, child := range n.children {
			add(child)
		}
	}
	add(t.root)
	return total
}

// writeTree writes what has no content and collects the names of what has.
func writeTree(out *tar.Writer, n *node, name string, files []map[int]*content) error {
	if c := n.content; c != nil {
		if files[c.layer][c.entry] == nil {
			files[c.layer][c.entry] = c
			c.names = nil
		}
		c.names = append(c.names, name)
		return nil
	}
	full := name
	if n.children != nil {
		full = strings.TrimPrefix(name+"/", "/")
		if full == "" {
			full = "./"
		}
	}
	if err := out.WriteHeader(header(n.header, full)); err != nil {
		return fmt.Errorf("writing %q: %w", name, err)
	}
	for _, key := range slices.Sorted(maps.Keys(n.children)) {
		if err := writeTree(out, n.children[key], strings.TrimPrefix(name+"/"+key, "/"), files); err != nil {
			return err
		}
	}
	return nil
}

// writeFile writes a file under its first name and its other names as links to that.
func writeFile(out *tar.Writer, h *tar.Header, c *content, r io.Reader) error {
	file := header(h, c.names[0])
	file.Typeflag, file.Size = tar.TypeReg, h.Size
	if err := out.WriteHeader(file); err != nil {
		return fmt.Errorf("writing %q: %w", file.Name, err)
	}
	if _, err := io.Copy(out, r); err != nil {
		return fmt.Errorf("writing %q: %w", file.Name, err)
	}
	for _, name := range c.names[1:] {
		link := header(h, name)
		link.Typeflag, link.Linkname, link.Size = tar.TypeLink, c.names[0], 0
		if err := out.WriteHeader(link); err != nil {
			return fmt.Errorf("writing %q: %w", name, err)
		}
	}
	return nil
}

// header returns what the root file system needs of an entry's header. User names are the build machine's and are
// dropped: numbers count.
func header(h *tar.Header, name string) *tar.Header {
	out := &tar.Header{
		Typeflag: h.Typeflag, Name: name, Linkname: h.Linkname, Mode: h.Mode, Uid: h.Uid, Gid: h.Gid,
		ModTime: h.ModTime.Truncate(time.Second), Devmajor: h.Devmajor, Devminor: h.Devminor,
	}
	for key, value := range h.PAXRecords {
		name, isAttribute := strings.CutPrefix(key, "SCHILY.xattr.")
		if !isAttribute || name == "security.selinux" || strings.HasPrefix(name, "trusted.overlay.") {
			continue
		}
		if out.PAXRecords == nil {
			out.PAXRecords = map[string]string{}
		}
		out.PAXRecords[key] = value
	}
	return out
}
