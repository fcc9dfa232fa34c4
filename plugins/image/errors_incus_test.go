//go:build incus

package main

import (
	"encoding/base64"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	fake "github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// ownRegistry runs a registry that only the tests trust, and returns it as a remote.
func ownRegistry(t *testing.T, wrap func(http.Handler) http.Handler, images map[string]v1.Image) sdk.ImageRemote {
	t.Helper()
	inner := fake.New(fake.Logger(log.New(io.Discard, "", 0)))
	filling := httptest.NewServer(inner)
	defer filling.Close()
	for ref, img := range images {
		tag, err := name.NewTag(strings.TrimPrefix(filling.URL, "http://") + "/" + ref)
		if err == nil {
			err = remote.Write(tag, img)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	handler := inner
	if wrap != nil {
		handler = wrap(inner)
	}
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return sdk.ImageRemote{Address: server.URL, Protocol: "oci", Certificate: string(cert)}
}

func TestAnImageThatOnlyWeCanReachIsUploaded(t *testing.T) {
	b := newBed(t, "shop")
	base := pulled(t, "library/busybox:1")
	own := b.with(func(s *sdk.Settings) {
		s.Remotes = map[string]sdk.ImageRemote{
			"own.example": ownRegistry(t, nil, map[string]v1.Image{"app:1": saying(t, base, "sh", "-c", "echo hi > /out; sleep 1000")}),
		}
	})
	config := kinds.ImageConfig{Reference: "own.example/app:1"}
	result, sink, err := own.ensure(config, resource.Options{})
	if err != nil {
		t.Fatal(err)
	}
	out := outputsOf(t, result.Outputs)
	if !strings.Contains(sink.String(), "the server cannot fetch own.example/app:1 itself") {
		t.Errorf("the user hears %q, want that the image is uploaded from here", sink)
	}
	if out.Process == nil || out.Process.Cmd[0] != "sh" || out.Digest == "" {
		t.Errorf("outputs %+v", out)
	}
	if left, err := filepath.Glob(filepath.Join(b.settings.CacheDir, "image-*")); err != nil || len(left) > 0 {
		t.Errorf("the cache holds %v, %v afterwards", left, err)
	}
	b.start("own-1", out.Fingerprint, nil)
	if got := b.read("own-1", "/out"); got != "hi\n" {
		t.Errorf("the container wrote %q", got)
	}
	if _, result := own.mustEnsure(config, resource.Options{Pull: resource.PullAlways}); result.Changed {
		t.Error("asking again without news is called a change")
	}
}

func TestPrivateImagesAreFetchedWithTheUsersLogin(t *testing.T) {
	b := newBed(t, "shop")
	dir := t.TempDir()
	t.Setenv("DOCKER_CONFIG", dir)
	login := "Basic " + base64.StdEncoding.EncodeToString([]byte("me:secret"))
	guard := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != login {
				w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
	own := ownRegistry(t, guard, map[string]v1.Image{"app:1": pulled(t, "library/busybox:1")})
	private := b.with(func(s *sdk.Settings) { s.Remotes = map[string]sdk.ImageRemote{"own.example": own} })
	config := kinds.ImageConfig{Reference: "own.example/app:1"}

	_, _, err := private.ensure(config, resource.Options{})
	if !errors.Is(err, resource.ErrPermission) || !strings.Contains(resource.Hint(err), "podman login 127.0.0.1:") {
		t.Fatalf("without a login: got %v (%s), want ErrPermission that says how to log in", err, resource.Hint(err))
	}
	host := strings.TrimPrefix(own.Address, "https://")
	auth := `{"auths":{"` + host + `":{"auth":"` + strings.TrimPrefix(login, "Basic ") + `"}}}`
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(auth), 0o600); err != nil {
		t.Fatal(err)
	}
	result, sink, err := private.ensure(config, resource.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if text := sink.String(); text != "" {
		t.Errorf("the server was asked first: %s", text)
	}
	img, _, err := b.server.GetImage(outputsOf(t, result.Outputs).Fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	if img.UpdateSource != nil && strings.Contains(img.UpdateSource.Server, "secret") {
		t.Errorf("the server shows the login: %s", img.UpdateSource.Server)
	}
}

func TestParallelRunsDownloadAPrivateImageOnce(t *testing.T) {
	b := newBed(t, "shop")
	var mu sync.Mutex
	blobs := map[string]int{}
	counting := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if at := strings.Index(r.URL.Path, "/blobs/"); at >= 0 && r.Method == http.MethodGet {
				mu.Lock()
				blobs[r.URL.Path[at:]]++
				mu.Unlock()
			}
			next.ServeHTTP(w, r)
		})
	}
	base := pulled(t, "library/busybox:1")
	remotes := map[string]sdk.ImageRemote{"own.example": ownRegistry(t, counting, map[string]v1.Image{"app:1": base, "same:2": base})}
	config := kinds.ImageConfig{Reference: "own.example/app:1"}
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			other := b.with(func(s *sdk.Settings) { s.Remotes, s.ComposeProject = remotes, string(rune('a'+i)) })
			if _, _, err := other.ensure(config, resource.Options{}); err != nil {
				t.Errorf("run %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	other := b.with(func(s *sdk.Settings) { s.Remotes = remotes })
	other.mustEnsure(kinds.ImageConfig{Reference: "own.example/same:2"}, resource.Options{})
	layers, err := base.Layers()
	if err != nil {
		t.Fatal(err)
	}
	for _, layer := range layers {
		digest, err := layer.Digest()
		if err != nil {
			t.Fatal(err)
		}
		if n := blobs["/blobs/"+digest.String()]; n != 1 {
			t.Errorf("layer %s was fetched %d times, want once: %v", digest, n, blobs)
		}
	}
	if len(b.images()) != 1 || len(b.aliases()) != 2 {
		t.Errorf("the server has %q under %q, want one image with two names", b.images(), b.aliases())
	}
}

func TestImagesThatCannotBeHad(t *testing.T) {
	b := newBed(t, "shop")
	base := pulled(t, "library/busybox:1")
	file, err := base.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(b.settings.Architectures, "x86_64") {
		t.Fatalf("the test's names of architectures do not fit %q", b.settings.Architectures)
	}
	other := b.with(func(s *sdk.Settings) { s.Architectures = []string{"aarch64"} })
	old := b.with(func(s *sdk.Settings) { s.APIExtensions, s.ServerVersion = []string{"x"}, "6.0.3" })
	down := b.with(func(s *sdk.Settings) { s.Remotes = nil })
	for what, test := range map[string]struct {
		bed      *bed
		ref      string
		sentinel error
		text     string
	}{
		"no such tag":            {b, "busybox:no-such-tag", resource.ErrNotFound, "docker.io has no image library/busybox:no-such-tag"},
		"another architecture":   {other, "busybox:1", resource.ErrImageSource, "not available for linux/arm64, only for linux/" + file.Architecture},
		"a server without OCI":   {old, "busybox:1", resource.ErrUnsupported, "6.0.3"},
		"a registry out of net":  {down, "registry.invalid/app:1", resource.ErrImageSource, "registry.invalid (registry.invalid) cannot be reached"},
		"a registry that is off": {down, "127.0.0.1:5999/app:1", resource.ErrImageSource, "127.0.0.1:5999 (127.0.0.1:5999) cannot be reached"},
	} {
		_, _, err := test.bed.ensure(kinds.ImageConfig{Reference: test.ref}, resource.Options{})
		if !errors.Is(err, test.sentinel) || !strings.Contains(err.Error(), test.text) || resource.Hint(err) == "" {
			t.Errorf("%s: got %v (hint: %s), want %v about %q", what, err, resource.Hint(err), test.sentinel, test.text)
		}
	}
	if len(b.images()) != 0 || len(b.aliases()) != 0 {
		t.Errorf("left behind: %q %q", b.images(), b.aliases())
	}
}
