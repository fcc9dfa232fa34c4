//go:build incus

package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// imageServer serves one native image, "tiny/1", in the simplestreams format.
func imageServer(t *testing.T) sdk.ImageRemote {
	t.Helper()
	metadata := tarWith(t, "metadata.yaml", `{"architecture":"x86_64","creation_date":1700000000,"properties":{"os":"tiny"}}`)
	rootfs := tarWith(t, "etc/tiny", "yes")
	both := sha256.Sum256(append(bytes.Clone(metadata), rootfs...))
	files := map[string][]byte{"/meta": metadata, "/root": rootfs}
	item := func(kind, path string) map[string]any {
		sum := sha256.Sum256(files["/"+path])
		return map[string]any{"ftype": kind, "path": path, "sha256": hex.EncodeToString(sum[:]), "size": len(files["/"+path])}
	}
	meta := item("incus.tar.xz", "meta")
	meta["combined_rootxz_sha256"] = hex.EncodeToString(both[:])
	for path, content := range map[string]any{
		"/streams/v1/index.json": map[string]any{"format": "index:1.0", "index": map[string]any{
			"images": map[string]any{"datatype": "image-downloads", "path": "streams/v1/images.json", "format": "products:1.0", "products": []string{"tiny"}},
		}},
		"/streams/v1/images.json": map[string]any{
			"content_id": "images", "datatype": "image-downloads", "format": "products:1.0",
			"products": map[string]any{"tiny": map[string]any{
				"aliases": "tiny/1", "arch": "amd64", "os": "tiny", "release": "1",
				"versions": map[string]any{"20260101_00:00": map[string]any{"items": map[string]any{
					"incus.tar.xz": meta, "root.tar.xz": item("root.tar.xz", "root"),
				}}},
			}},
		},
	} {
		raw, err := json.Marshal(content)
		if err != nil {
			t.Fatal(err)
		}
		files[path] = raw
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, ok := files[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		_, _ = io.Copy(w, bytes.NewReader(content))
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return sdk.ImageRemote{Address: server.URL, Protocol: "simplestreams", Certificate: string(cert)}
}

func tarWith(t *testing.T, name, content string) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(content))}); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestNativeImages(t *testing.T) {
	b := newBed(t, "shop")
	native := b.with(func(s *sdk.Settings) {
		s.Remotes = map[string]sdk.ImageRemote{"images": imageServer(t)}
		s.APIExtensions = nil // native images need no OCI support
	})
	config := kinds.ImageConfig{Reference: "images:tiny/1"}
	out, result := native.mustEnsure(config, resource.Options{})
	if !result.Created || !out.Native || out.Process != nil || out.Digest != "" || out.Reference != "images:tiny/1" {
		t.Errorf("created %v, outputs %+v", result.Created, out)
	}
	b.asked.Since()
	if _, result := native.mustEnsure(config, resource.Options{}); result.Changed || len(b.asked.Since()) != 1 {
		t.Error("a second run did something")
	}
	if _, result := native.mustEnsure(config, resource.Options{Pull: resource.PullAlways}); result.Changed {
		t.Error("asking again without news is called a change")
	}
	_, _, err := native.ensure(kinds.ImageConfig{Reference: "images:tiny/2"}, resource.Options{})
	if !errors.Is(err, resource.ErrNotFound) || !strings.Contains(resource.Hint(err), "incus image list images:") {
		t.Errorf("got %v (%s), want ErrNotFound with a hint", err, resource.Hint(err))
	}
	away := b.with(func(s *sdk.Settings) {
		s.Remotes = map[string]sdk.ImageRemote{"images": {Address: "https://127.0.0.1:1", Protocol: "simplestreams"}}
	})
	_, _, err = away.ensure(kinds.ImageConfig{Reference: "images:tiny/3"}, resource.Options{})
	if !errors.Is(err, resource.ErrImageSource) || resource.Hint(err) != "check that the server reaches https://127.0.0.1:1" {
		t.Errorf("an image server that does not answer: %v (%s)", err, resource.Hint(err))
	}
	if !native.remove(config).Changed || len(b.images()) != 0 {
		t.Errorf("deleting left %q", b.images())
	}
}
