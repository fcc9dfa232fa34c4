package registry_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"
	fake "github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/icc-project/icc/plugins/image/reference"
	"github.com/icc-project/icc/plugins/image/registry"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// serve runs a registry for the test and returns its host.
func serve(t *testing.T, wrap func(http.Handler) http.Handler) string {
	t.Helper()
	handler := fake.New(fake.Logger(log.New(io.Discard, "", 0)))
	if wrap != nil {
		handler = wrap(handler)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

func forArch(t *testing.T, arch, variant string) v1.Image {
	t.Helper()
	img, err := random.Image(100, 1)
	if err != nil {
		t.Fatal(err)
	}
	img, err = mutate.ConfigFile(img, &v1.ConfigFile{OS: "linux", Architecture: arch, Variant: variant, Config: v1.Config{Cmd: []string{arch + variant}}})
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func push(t *testing.T, host, ref string, what remote.Taggable) {
	t.Helper()
	tag, err := name.NewTag(host + "/" + ref)
	if err != nil {
		t.Fatal(err)
	}
	switch what := what.(type) {
	case v1.Image:
		err = remote.Write(tag, what)
	case v1.ImageIndex:
		err = remote.WriteIndex(tag, what)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, host, ref string) *registry.Client {
	t.Helper()
	parsed, err := reference.Parse("example.org/"+ref, map[string]sdk.ImageRemote{
		"example.org": {Address: "http://" + host, Protocol: "oci"},
	})
	if err != nil {
		t.Fatal(err)
	}
	client, err := registry.New(t.Context(), parsed)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func platform(t *testing.T, architectures ...string) registry.Platform {
	t.Helper()
	p, err := registry.PlatformFor("", architectures)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestImagePicksTheServersArchitecture(t *testing.T) {
	t.Parallel()
	host := serve(t, nil)
	var index v1.ImageIndex = empty.Index
	images := map[string]v1.Image{}
	for _, p := range []v1.Platform{
		{OS: "linux", Architecture: "arm", Variant: "v6"}, {OS: "linux", Architecture: "arm64", Variant: "v8"},
		{OS: "linux", Architecture: "amd64"}, {OS: "linux", Architecture: "arm", Variant: "v7"}, {OS: "unknown", Architecture: "unknown"},
	} {
		img := forArch(t, p.Architecture, p.Variant)
		images[p.Architecture+p.Variant] = img
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{Platform: &p}})
	}
	push(t, host, "app:1", index)
	for arch, want := range map[string]string{"x86_64": "amd64", "aarch64": "arm64v8", "armv7l": "armv7", "armv6l": "armv6"} {
		img, digest, err := open(t, host, "app:1").Image(platform(t, arch))
		if err != nil {
			t.Errorf("%s: %v", arch, err)
			continue
		}
		hash, err := images[want].Digest()
		if err != nil || hash.String() != digest {
			t.Errorf("%s: got %s, want %s (%v)", arch, digest, hash, err)
		}
		if config, err := img.ConfigFile(); err != nil || config.Config.Cmd[0] != want {
			t.Errorf("%s: got the configuration %+v, %v; want that of %s", arch, config, err, want)
		}
	}
	_, _, err := open(t, host, "app:1").Image(platform(t, "riscv64"))
	if !errors.Is(err, resource.ErrImageSource) || !strings.Contains(err.Error(), "linux/amd64, linux/arm/v6, linux/arm/v7, linux/arm64") {
		t.Errorf("an architecture that is not there: got %v, want an error that lists what is", err)
	}
}

func TestImageRefusesAnotherArchitectureWithoutAnIndex(t *testing.T) {
	t.Parallel()
	host := serve(t, nil)
	push(t, host, "app:1", forArch(t, "arm64", ""))
	_, _, err := open(t, host, "app:1").Image(platform(t, "x86_64"))
	if !errors.Is(err, resource.ErrImageSource) || !strings.Contains(err.Error(), "only for linux/arm64") || resource.Hint(err) == "" {
		t.Errorf("got %v, want an error that names linux/arm64", err)
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	status := func(code int) func(http.Handler) http.Handler {
		return func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/v2/" {
					return
				}
				w.WriteHeader(code)
			})
		}
	}
	lying := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "sha256:") {
				w.Header().Set("Content-Type", "application/vnd.oci.image.manifest.v1+json")
				fmt.Fprint(w, `{"schemaVersion":2}`)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
	wordy := func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown","detail":{"Tag":"1"}}]}`)
		})
	}
	const pinned = "app@sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
	tests := []struct {
		name, host, ref string
		sentinel        error
		text            string
		unreachable     bool
	}{
		{"an image that does not exist", serve(t, nil), "no/such:1", resource.ErrNotFound, "example.org has no image no/such:1", false},
		{"an answer with details", serve(t, wordy), "no/such:1", resource.ErrNotFound, "example.org has no image no/such:1", false},
		{"no permission", serve(t, status(401)), "app:1", resource.ErrPermission, "example.org does not give out app:1", false},
		{"forbidden", serve(t, status(403)), "app:1", resource.ErrPermission, "does not give out", false},
		{"too many requests", serve(t, status(429)), "app:1", resource.ErrImageSource, "too many requests", false},
		{"a failing registry", serve(t, status(500)), "app:1", resource.ErrImageSource, "registry example.org failed", true},
		{"nobody there", "127.0.0.1:1", "app:1", resource.ErrImageSource, "registry example.org (127.0.0.1:1) cannot be reached", true},
		{"something else under a digest", serve(t, lying), pinned, resource.ErrImageSource, "something else than its digest", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := open(t, test.host, test.ref).Digest(platform(t, "x86_64"))
			if !errors.Is(err, test.sentinel) || !strings.Contains(err.Error(), test.text) {
				t.Errorf("got %v, want %v saying %q", err, test.sentinel, test.text)
			}
			if resource.Hint(err) == "" || strings.Contains(err.Error(), "map[") {
				t.Errorf("%v has no hint, or internals of the library", err)
			}
			if registry.IsUnreachable(err) != test.unreachable {
				t.Errorf("unreachable is %v for %v", registry.IsUnreachable(err), err)
			}
		})
	}
}

func TestUntrustedCertificates(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(fake.New(fake.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	ref := reference.Reference{
		Source: reference.OCI, Name: "example.org/app:1", Registry: "example.org", Repository: "app", Tag: "1",
		Remote: sdk.ImageRemote{Address: server.URL, Protocol: "oci"},
	}
	client, err := registry.New(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = client.Digest(platform(t, "x86_64")); err == nil || !strings.Contains(err.Error(), "does not trust") {
		t.Errorf("got %v, want an error about the certificate", err)
	}
}

func TestProcess(t *testing.T) {
	t.Parallel()
	raw := `{"architecture":"amd64","config":{"Entrypoint":["/e","a b"],"Cmd":["c"],"User":"u:g","Env":["A=1"],"WorkingDir":"/w",
		"Volumes":{"/z":{},"/data":{}},"ExposedPorts":{"80/tcp":{}},"StopSignal":"SIGQUIT","Labels":{"l":"1"},
		"Healthcheck":{"Test":["CMD-SHELL","true"],"Interval":5000000000,"StartInterval":1000000000,"Retries":3}}}`
	got, err := registry.Process([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	want := processWanted()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Process (-want +got):\n%s", diff)
	}
	if _, err := registry.Process([]byte("{")); err == nil {
		t.Error("rubbish was read without an error")
	}
}
