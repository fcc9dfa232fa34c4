package builders

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/icc-project/icc/sdk/kinds"
)

// image opens a result's archive.
func image(t *testing.T, result *kinds.BuildResult) v1.Image {
	t.Helper()
	img, err := tarball.ImageFromPath(result.Archive, nil)
	if err != nil {
		t.Fatal(err)
	}
	if id, err := img.ConfigName(); err != nil || id.String() != result.Digest {
		t.Errorf("the digest is %s, want the configuration's, %s (%v)", result.Digest, id, err)
	}
	return img
}

// Config returns the configuration of a result's image.
func Config(t *testing.T, result *kinds.BuildResult) v1.Config {
	t.Helper()
	file, err := image(t, result).ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	return file.Config
}

// Files returns the files of a result's image by path: mode, owner and content, in words.
func Files(t *testing.T, result *kinds.BuildResult) map[string]string {
	t.Helper()
	files := map[string]string{}
	each(t, mutate.Extract(image(t, result)), func(h *tar.Header, content []byte) {
		name := strings.TrimPrefix(path.Clean("/"+h.Name), "/")
		said := fmt.Sprintf("%c%04o %d:%d", h.Typeflag, h.Mode&0o7777, h.Uid, h.Gid)
		switch h.Typeflag {
		case tar.TypeReg:
			said += " " + string(content)
		case tar.TypeSymlink, tar.TypeLink:
			said += " -> " + h.Linkname
		}
		files[name] = said
	})
	return files
}

// each visits what is in a tar.
func each(t *testing.T, archive io.ReadCloser, visit func(*tar.Header, []byte)) {
	t.Helper()
	defer func() { _ = archive.Close() }()
	for r := tar.NewReader(archive); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		visit(h, content)
	}
}

// holds says where in a result's image, its history and layers included, a text is.
func holds(t *testing.T, result *kinds.BuildResult, text string) []string {
	t.Helper()
	img := image(t, result)
	var places []string
	look := func(where string, content []byte) {
		if bytes.Contains(content, []byte(text)) {
			places = append(places, where)
		}
	}
	config, err := img.RawConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	look("the configuration", config)
	layers, err := img.Layers()
	if err != nil {
		t.Fatal(err)
	}
	for i, layer := range layers {
		content, err := layer.Uncompressed()
		if err != nil {
			t.Fatal(err)
		}
		each(t, content, func(h *tar.Header, content []byte) {
			look(fmt.Sprintf("layer %d, %s", i, h.Name), append([]byte(h.Name+"\n"), content...))
		})
	}
	return places
}
