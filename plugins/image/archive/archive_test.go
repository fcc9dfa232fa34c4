package archive_test

import (
	"archive/tar"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/icc-project/icc/plugins/image/archive"
)

func image(t *testing.T) v1.Image {
	t.Helper()
	img, err := random.Image(2000, 2)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// ociArchive writes images as an OCI archive, as `podman save --format oci-archive` does.
func ociArchive(t *testing.T, images ...v1.Image) string {
	t.Helper()
	dir := t.TempDir()
	path, err := layout.Write(dir, empty.Index)
	if err != nil {
		t.Fatal(err)
	}
	for _, img := range images {
		if err := path.AppendImage(img); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(t.TempDir(), "image.tar")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(f)
	if err := w.AddFS(os.DirFS(dir).(fs.ReadDirFS)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}

func dockerArchive(t *testing.T, img v1.Image) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "image.tar")
	if err := tarball.WriteToFile(file, name.MustParseReference("shop-web").(name.Tag), img); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestOpenReadsBothForms(t *testing.T) {
	t.Parallel()
	img := image(t)
	want, err := img.ConfigName()
	if err != nil {
		t.Fatal(err)
	}
	for form, file := range map[string]string{"oci": ociArchive(t, img), "docker": dockerArchive(t, img)} {
		got, done, err := archive.Open(t.Context(), file)
		if err != nil {
			t.Errorf("%s archive: %v", form, err)
			continue
		}
		if id, err := got.ConfigName(); err != nil || id != want {
			t.Errorf("%s archive: configuration %s, %v; want %s", form, id, err, want)
		}
		if layers, err := got.Layers(); err != nil || len(layers) != 2 {
			t.Errorf("%s archive: %d layers, %v; want 2", form, len(layers), err)
		}
		done()
		left, err := os.ReadDir(filepath.Dir(file))
		if err != nil || len(left) != 1 {
			t.Errorf("%s archive: %v, %v are left beside it after done", form, left, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rubbish := filepath.Join(dir, "rubbish")
	if err := os.WriteFile(rubbish, []byte("this is no tar, and long enough to be looked at"), 0o600); err != nil {
		t.Fatal(err)
	}
	for what, file := range map[string]string{
		"a missing file": filepath.Join(dir, "missing"),
		"rubbish":        rubbish,
		"two images":     ociArchive(t, image(t), image(t)),
	} {
		if _, _, err := archive.Open(t.Context(), file); err == nil {
			t.Errorf("%s was opened without an error", what)
		}
		left, err := os.ReadDir(filepath.Dir(file))
		if err != nil || len(left) > 1 {
			t.Errorf("%s: %v, %v are left behind", what, left, err)
		}
	}
}
