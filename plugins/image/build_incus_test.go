//go:build incus

package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	client "github.com/lxc/incus/v6/client"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// layerOf makes a layer of files that belong to user 1234.
func layerOf(t *testing.T, files map[string]string) v1.Layer {
	t.Helper()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for path, content := range files {
		if err := w.WriteHeader(&tar.Header{
			Typeflag: tar.TypeReg, Name: path, Mode: 0o755, Uid: 1234, Gid: 1234, Size: int64(len(content)),
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(buf.Bytes())), nil })
	if err != nil {
		t.Fatal(err)
	}
	return layer
}

// builtImage is an image as a Containerfile makes it, with everything that has to survive.
func builtImage(t *testing.T, word string) v1.Image {
	t.Helper()
	img, err := mutate.AppendLayers(pulled(t, "library/busybox:1"), layerOf(t, map[string]string{
		"app/run.sh":       "#!/bin/sh\necho \"$WORD $(id -u):$(id -g) $PWD $*\" > /tmp/new\nmv /tmp/new /tmp/out\nexec sleep 1000\n",
		"app/.wh.nothing":  "",
		"etc/passwd":       "root:x:0:0:root:/root:/bin/sh\napp:x:1234:1234::/app:/bin/sh\n",
		"app/owned":        "x",
		"bin/.wh.adjtimex": "", // busybox' applets are hard links: one goes, the others have to stay
	}))
	if err != nil {
		t.Fatal(err)
	}
	img, err = mutate.Config(img, v1.Config{
		Entrypoint: []string{"/app/run.sh"}, Cmd: []string{"one", "two words"}, User: "app", WorkingDir: "/app",
		Env: []string{"PATH=/bin", "WORD=" + word}, Volumes: map[string]struct{}{"/data": {}}, StopSignal: "SIGINT",
		Healthcheck:  &v1.HealthConfig{Test: []string{"CMD", "true"}, Interval: 5 * time.Second},
		ExposedPorts: map[string]struct{}{"80/tcp": {}}, Labels: map[string]string{"l": "1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// answer saves the image as a builder does.
func answer(t *testing.T, ref string, img v1.Image) resource.Input {
	t.Helper()
	file := filepath.Join(t.TempDir(), "image.tar")
	tag, err := name.NewTag("localhost/" + ref)
	if err != nil {
		t.Fatal(err)
	}
	if err := tarball.WriteToFile(file, tag, img); err != nil {
		t.Fatal(err)
	}
	id, err := img.ConfigName()
	if err != nil {
		t.Fatal(err)
	}
	return inputOf(t, ref, kinds.BuildResult{Archive: file, Digest: id.String(), Builder: "test", Version: "1"})
}

func inputOf(t *testing.T, ref string, built kinds.BuildResult) resource.Input {
	t.Helper()
	raw, err := json.Marshal(built)
	if err != nil {
		t.Fatal(err)
	}
	return resource.Input{Ref: resource.Ref{Kind: sdk.NeedBuild, Name: ref}, Outputs: raw}
}

func buildConfig(ref string) kinds.ImageConfig {
	return kinds.ImageConfig{Reference: ref, Build: &kinds.BuildConfig{Context: "/src"}, Services: []string{"web"}}
}

func TestBuildAsksForTheBuildFirst(t *testing.T) {
	b := newBed(t, "shop")
	result, _, err := b.ensure(buildConfig("shop-web"), resource.Options{})
	if err != nil || len(result.Needs) != 1 {
		t.Fatalf("got %+v, %v; want one need", result, err)
	}
	need := result.Needs[0]
	var request kinds.BuildRequest
	if err := json.Unmarshal(need.Request, &request); err != nil {
		t.Fatal(err)
	}
	if need.Kind != sdk.NeedBuild || need.Name != "shop-web" || request.Name != "shop-web" ||
		request.Build.Context != "/src" || request.Platform != "linux/amd64" || request.OutputDir != "" || request.KnownDigest != "" {
		t.Errorf("need %+v asks for %+v", need, request)
	}
	if len(b.images()) != 0 {
		t.Errorf("asking left images: %q", b.images())
	}
}

func TestBuiltImagesAreImportedAndStart(t *testing.T) {
	for where, remote := range map[string]bool{"on this machine": false, "on another machine": true} {
		t.Run(where, func(t *testing.T) {
			b := newBed(t, "shop").with(func(s *sdk.Settings) { s.Remote = remote })
			testBuiltImage(t, b)
		})
	}
}

func testBuiltImage(t *testing.T, b *bed) {
	t.Helper()
	img := builtImage(t, "hello")
	out, result := b.mustEnsure(buildConfig("shop-web"), resource.Options{}, answer(t, "shop-web", img))
	if !result.Created || out.Native || out.Reference != "docker.io/library/shop-web:latest" {
		t.Errorf("created %v, outputs %+v", result.Created, out)
	}
	p := out.Process
	if p == nil || p.User != "app" || p.StopSignal != "SIGINT" || p.Healthcheck == nil || p.Healthcheck.Test[0] != "CMD" ||
		!slices.Equal(p.Volumes, []string{"/data"}) || !slices.Equal(p.ExposedPorts, []string{"80/tcp"}) ||
		!slices.Equal(p.Entrypoint, []string{"/app/run.sh"}) || !slices.Equal(p.Cmd, []string{"one", "two words"}) || p.Labels["l"] != "1" {
		t.Errorf("the configuration is %+v", p)
	}
	b.start("shop-web-1", out.Fingerprint, nil)
	if got, want := b.read("shop-web-1", "/tmp/out"), "hello 1234:1234 /app one two words\n"; got != want {
		t.Errorf("the container wrote %q, want %q", got, want)
	}
	_, file, err := b.server.GetInstanceFile("shop-web-1", "/app/owned")
	if err != nil || file.UID != 1234 || file.GID != 1234 {
		t.Errorf("the file's owner is %+v, %v; want 1234", file, err)
	}
	if _, _, err := b.server.GetInstanceFile("shop-web-1", "/bin/adjtimex"); err == nil {
		t.Error("a file that a layer removed is there")
	}
}

// read waits until the file has content.
func (b *bed) read(instance, path string) string {
	b.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		var content []byte
		reader, _, err := b.server.GetInstanceFile(instance, path)
		if err == nil {
			content, err = io.ReadAll(reader)
			_ = reader.Close()
		}
		if err == nil && len(content) > 0 {
			return string(content)
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("%s has no %s: %v\n%s", instance, path, err, b.console(instance))
		}
	}
}

func (b *bed) console(instance string) string {
	log, err := b.server.GetInstanceConsoleLog(instance, &client.InstanceConsoleLogArgs{})
	if err != nil {
		return err.Error()
	}
	defer func() { _ = log.Close() }()
	text, _ := io.ReadAll(log)
	return string(text)
}

func TestBuildAgain(t *testing.T) {
	b := newBed(t, "shop")
	first, _ := b.mustEnsure(buildConfig("shop-web"), resource.Options{}, answer(t, "shop-web", builtImage(t, "one")))
	force := resource.Options{Build: resource.BuildForce}

	result, _, err := b.ensure(buildConfig("shop-web"), force)
	if err != nil || len(result.Needs) != 1 || !strings.Contains(string(result.Needs[0].Request), first.Digest) {
		t.Fatalf("got %+v, %v; want a need that names the known digest", result, err)
	}
	// The builder found the same image in its cache and wrote no archive.
	out, result := b.mustEnsure(buildConfig("shop-web"), force, inputOf(t, "shop-web", kinds.BuildResult{Digest: first.Digest}))
	if result.Changed || out.Fingerprint != first.Fingerprint {
		t.Errorf("an unchanged build: changed %v, %+v", result.Changed, out)
	}

	second, result := b.mustEnsure(buildConfig("shop-web"), force, answer(t, "shop-web", builtImage(t, "two")))
	if !result.Changed || result.Created || second.Fingerprint == first.Fingerprint {
		t.Errorf("a changed build: changed %v, created %v, %+v", result.Changed, result.Created, second)
	}
	if images := b.images(); !slices.Equal(images, []string{second.Fingerprint}) {
		t.Errorf("the server has %q, want the second build only", images)
	}

	// An old image that is in use stays until it is not, and goes with the next build.
	b.start("shop-web-1", second.Fingerprint, nil)
	third, _ := b.mustEnsure(buildConfig("shop-web"), force, answer(t, "shop-web", builtImage(t, "three")))
	if images := b.images(); len(images) != 2 || !slices.Contains(images, second.Fingerprint) {
		t.Errorf("the server has %q, want the used second build and the third", images)
	}
	b.stop("shop-web-1")
	b.mustEnsure(buildConfig("shop-web"), force, answer(t, "shop-web", builtImage(t, "four")))
	if images := b.images(); len(images) != 1 || slices.Contains(images, third.Fingerprint) {
		t.Errorf("the server has %q, want the fourth build only", images)
	}
}

func TestServicesWithTheSameBuildShareTheImage(t *testing.T) {
	b := newBed(t, "shop")
	img := builtImage(t, "same")
	web, _ := b.mustEnsure(buildConfig("shop-web"), resource.Options{}, answer(t, "shop-web", img))
	b.asked.Since()
	worker, _ := b.mustEnsure(buildConfig("shop-worker"), resource.Options{}, answer(t, "shop-worker", img))
	if worker.Fingerprint != web.Fingerprint || slices.Contains(b.asked.Since(), "POST /1.0/images") {
		t.Error("the same image was uploaded twice")
	}
	other := b.with(func(s *sdk.Settings) { s.ComposeProject = "blog" })
	blog, _ := other.mustEnsure(buildConfig("blog-web"), resource.Options{}, answer(t, "blog-web", img))
	if blog.Fingerprint == web.Fingerprint {
		t.Error("two projects share a built image, so that neither can remove it")
	}

	// Without a compose file, the images that were built for the project are found, and nobody else's.
	plan, err := b.Plan(t.Context(), sdk.PlanRequest{Kind: resource.KindImage})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range plan.States {
		names = append(names, s.Name)
		if s.Declared || !s.Exists || !s.Persistent {
			t.Errorf("state %+v", s)
		}
	}
	if !slices.Equal(names, []string{"shop-web", "shop-worker"}) {
		t.Fatalf("found %q, want the project's two", names)
	}
	for _, s := range plan.States {
		result, err := b.Run(t.Context(), sdk.RunRequest{
			Resource: resource.Resolved{Ref: s.Ref, IncusName: s.IncusName}, Action: resource.ActionDelete, State: s,
		}, resource.Discard{})
		if err != nil || !result.Changed {
			t.Errorf("deleting %s: %+v, %v", s.Name, result, err)
		}
	}
	if images := b.images(); !slices.Equal(images, []string{blog.Fingerprint}) {
		t.Errorf("the server has %q, want the other project's image only", images)
	}
}

func TestBuildsThatCannotBeImported(t *testing.T) {
	b := newBed(t, "shop")
	img := builtImage(t, "x")
	nobody, err := mutate.Config(img, v1.Config{User: "nobody-at-all", Cmd: []string{"sh"}})
	if err != nil {
		t.Fatal(err)
	}
	file, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	file = file.DeepCopy()
	file.Architecture = "arm64"
	foreign, err := mutate.ConfigFile(img, file)
	if err != nil {
		t.Fatal(err)
	}
	for what, test := range map[string]struct {
		input    resource.Input
		sentinel error
		text     string
	}{
		"a user that does not exist": {answer(t, "shop-web", nobody), resource.ErrImageSource, "nobody-at-all"},
		"another architecture":       {answer(t, "shop-web", foreign), resource.ErrBuild, "built for linux/arm64"},
		"no archive":                 {inputOf(t, "shop-web", kinds.BuildResult{Digest: "sha256:1", Archive: "/nowhere"}), resource.ErrBuild, "/nowhere"},
		"no digest":                  {inputOf(t, "shop-web", kinds.BuildResult{Archive: "/nowhere"}), resource.ErrBuild, "digest"},
	} {
		_, _, err := b.ensure(buildConfig("shop-web"), resource.Options{}, test.input)
		if !errors.Is(err, test.sentinel) || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: got %v, want %v about %q", what, err, test.sentinel, test.text)
		}
	}
	if len(b.images()) != 0 || len(b.aliases()) != 0 {
		t.Errorf("left behind: %q %q", b.images(), b.aliases())
	}
}
