//go:build incus

package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/test/testbed"
)

// request makes a build context of files and a request for it.
func request(t *testing.T, files map[string]string) kinds.BuildRequest {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return kinds.BuildRequest{Name: "shop-web", Platform: "linux/amd64", OutputDir: t.TempDir(), Build: kinds.BuildConfig{Context: dir}}
}

// leavesNothing checks that a build left neither processes, nor working containers, nor files outside its archive.
func leavesNothing(t *testing.T, req kinds.BuildRequest) {
	t.Helper()
	testbed.Env(t).LeavesNothing(t)
	temporary := func() []string {
		found, err := filepath.Glob("/var/tmp/buildah*")
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	before := temporary()
	t.Cleanup(func() {
		if out := podman(t, "ps", "--all", "--quiet", "--external"); out != "" {
			t.Errorf("working containers are left: %s", out)
		}
		entries, err := os.ReadDir(req.OutputDir)
		if err != nil {
			t.Error(err)
		}
		for _, e := range entries {
			if e.Name() != "image.tar" {
				t.Errorf("%s is left in the output directory", e.Name())
			}
		}
		for _, dir := range temporary() {
			if !slices.Contains(before, dir) {
				t.Errorf("%s is left", dir)
			}
		}
	})
}

func podman(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command(toolName, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("podman %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func built(t *testing.T, b *builder, req kinds.BuildRequest) (*kinds.BuildResult, *heard) {
	t.Helper()
	sink := &heard{}
	result, err := b.Build(t.Context(), req, sink)
	if err != nil {
		t.Fatalf("building: %v (hint: %s)\n%s", err, resource.Hint(err), sink)
	}
	return result, sink
}

// imageOf opens a result's archive and returns its configuration and its files' contents.
func imageOf(t *testing.T, result *kinds.BuildResult) (*v1.ConfigFile, func(string) string) {
	t.Helper()
	img, err := tarball.ImageFromPath(result.Archive, nil)
	if err != nil {
		t.Fatal(err)
	}
	file, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if id, err := img.ConfigName(); err != nil || id.String() != result.Digest {
		t.Errorf("the digest is %s, want the configuration's, %s (%v)", result.Digest, id, err)
	}
	return file, func(name string) string { return contentOf(t, mutate.Extract(img), name) }
}

const everything = `FROM busybox:1 AS base
ARG WORD=default
RUN echo "$WORD" > /word
FROM base AS prod
RUN --mount=type=secret,id=one cat /run/secrets/one > /one
RUN --mount=type=secret,id=two cat /run/secrets/two > /two
RUN grep db.example /etc/hosts > /hosts
COPY . /src
ENV A=1
USER 1234:5678
WORKDIR /w
VOLUME /data
EXPOSE 80
STOPSIGNAL SIGINT
HEALTHCHECK --interval=5s CMD test -f /word
ENTRYPOINT ["/bin/sh", "-c"]
CMD ["sleep 100"]
FROM prod AS unused
RUN false
`

func TestBuildKeepsEverything(t *testing.T) {
	req := request(t, map[string]string{
		"docker/Web": everything, "docker/Web.dockerignore": "*.log\n", ".dockerignore": "*\n", "a.txt": "a", "b.log": "b", "secret": "from a file",
	})
	leavesNothing(t, req)
	req.Build.Dockerfile, req.Build.Target = "docker/Web", "prod"
	req.Build.Args = map[string]string{"WORD": "two words"}
	req.Build.Labels = map[string]string{"label": "x=y"}
	req.Build.Tags = []string{"shop-web:extra"}
	req.Build.ExtraHosts = []string{"db.example=192.0.2.1"}
	req.Build.Ulimits = map[string]string{"nofile": "1000:2000"}
	req.Build.ShmSize = 1 << 20
	req.Build.Network = "host"
	req.Build.Secrets = []kinds.BuildSecret{
		{ID: "one", File: filepath.Join(req.Build.Context, "secret")}, {ID: "two", Content: []byte("inline")},
	}
	result, sink := built(t, newBuilder(), req)
	file, content := imageOf(t, result)
	c := file.Config
	if c.User != "1234:5678" || c.WorkingDir != "/w" || c.StopSignal != "SIGINT" || c.Labels["label"] != "x=y" ||
		c.Healthcheck == nil || c.Healthcheck.Interval != 5*time.Second || !slices.Contains(c.Env, "A=1") ||
		!slices.Equal(c.Entrypoint, []string{"/bin/sh", "-c"}) || !slices.Equal(c.Cmd, []string{"sleep 100"}) {
		t.Errorf("the configuration is %+v", c)
	}
	if _, ok := c.Volumes["/data"]; !ok {
		t.Errorf("the volumes are %v", c.Volumes)
	}
	for name, want := range map[string]string{
		"word": "two words\n", "one": "from a file", "two": "inline", "src/a.txt": "a", "src/b.log": "",
	} {
		if got := content(name); got != want {
			t.Errorf("file %s is %q, want %q", name, got, want)
		}
	}
	if !strings.Contains(content("hosts"), "192.0.2.1") {
		t.Errorf("the extra host is missing: %q", content("hosts"))
	}
	if !strings.Contains(sink.String(), "STEP") || len(sink.progress) == 0 {
		t.Errorf("the user saw no progress: %s", sink)
	}
	podman(t, "image", "exists", "shop-web:extra")
	if result.Builder != toolName || result.Version == "" {
		t.Errorf("result is %+v", result)
	}
}

func TestUnchangedBuildsHaveTheSameDigest(t *testing.T) {
	req := request(t, map[string]string{"Containerfile": "FROM busybox:1\nCOPY a /a\nRUN echo x > /x\nCMD [\"sh\"]\n", "a": "1"})
	leavesNothing(t, req)
	b := newBuilder()
	req.Build.Labels = map[string]string{"l": "1"}
	first, _ := built(t, b, req)
	second := req
	second.OutputDir, second.KnownDigest = t.TempDir(), first.Digest
	again, _ := built(t, b, second)
	if again.Digest != first.Digest || again.Archive != "" {
		t.Errorf("an unchanged build gives %+v after %+v", again, first)
	}
	if err := os.WriteFile(filepath.Join(req.Build.Context, "a"), []byte("2"), 0o644); err != nil {
		t.Fatal(err)
	}
	third := second
	third.OutputDir = t.TempDir()
	changed, _ := built(t, b, third)
	if changed.Digest == first.Digest || changed.Archive == "" {
		t.Errorf("a changed build gives %+v after %+v", changed, first)
	}
}

func TestInlineContainerfileFromScratch(t *testing.T) {
	req := request(t, map[string]string{"hello": "hi"})
	leavesNothing(t, req)
	req.Build.DockerfileInline = "FROM scratch\nCOPY hello /hello\nCMD [\"/hello\"]\n"
	result, _ := built(t, newBuilder(), req)
	if _, content := imageOf(t, result); content("hello") != "hi" {
		t.Error("the file is missing")
	}
}

func TestPodmanWithoutAContainerRuntime(t *testing.T) {
	t.Setenv("BUILDAH_ISOLATION", "")
	req := request(t, map[string]string{"Containerfile": "FROM busybox:1\nRUN echo isolated > /x\n"})
	leavesNothing(t, req)
	b := newBuilder()
	result, sink := built(t, b, req)
	if _, content := imageOf(t, result); content("x") != "isolated\n" {
		t.Error("the step did not run")
	}
	if b.chroot.Load() != (len(sink.notices) == 1) {
		t.Errorf("chroot is %v, but the user hears %q", b.chroot.Load(), sink.notices)
	}
	req.OutputDir, req.Build.NoCache = t.TempDir(), true
	if _, sink := built(t, b, req); len(sink.notices) != 0 {
		t.Errorf("the second build says again %q", sink.notices)
	}
}

func TestFailingBuildsSayWhere(t *testing.T) {
	for name, test := range map[string]struct {
		containerfile string
		target        string
		text, hint    string
	}{
		"a failing step":    {"FROM busybox:1\nRUN echo before; echo oops >&2; exit 3\nRUN true\n", "", "STEP 2/3: RUN echo before", "correct the Containerfile"},
		"a missing file":    {"FROM busybox:1\nCOPY nosuch /\n", "", "nosuch", "correct the Containerfile"},
		"no such base":      {"FROM docker.io/test/nosuch:1\n", "", "nosuch", "check the image named in FROM"},
		"a wrong directive": {"FROM busybox:1\nRUNN x\n", "", "RUNN", "correct the Containerfile"},
		"no such stage":     {"FROM busybox:1\n", "prod", "prod", "check build.target"},
	} {
		t.Run(name, func(t *testing.T) {
			req := request(t, map[string]string{"Containerfile": test.containerfile})
			leavesNothing(t, req)
			req.Build.Target = test.target
			_, err := newBuilder().Build(t.Context(), req, resource.Discard{})
			if !errors.Is(err, resource.ErrBuild) || !strings.Contains(err.Error(), test.text) || !strings.Contains(resource.Hint(err), test.hint) {
				t.Errorf("got %v (hint: %s), want ErrBuild about %q with a hint like %q", err, resource.Hint(err), test.text, test.hint)
			}
			if name == "a failing step" && !strings.Contains(err.Error(), "oops") {
				t.Errorf("the last lines are missing: %v", err)
			}
		})
	}
}

func TestCancelLeavesNothing(t *testing.T) {
	for name, step := range map[string]string{
		"a step that ends": "sleep 1000", "a step that does not listen": "trap '' TERM INT; while :; do sleep 1; done",
	} {
		t.Run(name, func(t *testing.T) {
			req := request(t, map[string]string{"Containerfile": "FROM busybox:1\nRUN echo started; " + step + "\n"})
			leavesNothing(t, req)
			ctx, cancel := context.WithCancel(t.Context())
			sink := &heard{}
			go func() {
				for !strings.Contains(sink.String(), "stdout: started") && ctx.Err() == nil {
					time.Sleep(20 * time.Millisecond)
				}
				cancel()
			}()
			stuck := time.AfterFunc(60*time.Second, cancel)
			defer stuck.Stop()
			start := time.Now()
			_, err := newBuilder().Build(ctx, req, sink)
			if !errors.Is(err, resource.ErrAborted) || !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want ErrAborted", err)
			}
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("it took %v", took)
			}
			if !strings.Contains(sink.String(), "stdout: started") {
				t.Errorf("the step never ran:\n%s", sink)
			}
		})
	}
}

func TestProbe(t *testing.T) {
	probe, err := newBuilder().Probe(t.Context())
	if err != nil || !probe.Available || probe.Version == "" || probe.Score == 0 || !slices.Contains(probe.Platforms, "linux/amd64") {
		t.Errorf("got %+v, %v", probe, err)
	}
	t.Setenv("PATH", t.TempDir())
	probe, err = newBuilder().Probe(t.Context())
	if err != nil || probe.Available || !strings.Contains(probe.Reason, "not installed") {
		t.Errorf("without podman: got %+v, %v", probe, err)
	}
	req := request(t, map[string]string{"Containerfile": "FROM scratch\n"})
	_, err = newBuilder().Build(t.Context(), req, resource.Discard{})
	if !errors.Is(err, resource.ErrBuild) || !strings.Contains(resource.Hint(err), "apt install podman") {
		t.Errorf("building without podman: %v (%s)", err, resource.Hint(err))
	}
}
