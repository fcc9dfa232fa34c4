package builders

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// shown says which test of the suite shows what an attribute does, besides those that attributes shows itself.
func shown() map[string]string {
	const everything = "everything"
	return map[string]string{
		"context": everything, "dockerfile": everything, "args": everything, "target": everything, "labels": everything, "tags": everything,
		"extra_hosts": everything, "ulimits": everything, "shm_size": everything, "network": everything,
		"dockerfile_inline": "inline", "additional_contexts": "contexts", "secrets": "secrets",
	}
}

// attributes checks that each attribute of the build section has its effect, or is refused by the names of builder and
// attribute before the tool runs. None is without a test.
func (s *suite) attributes(t *testing.T) {
	effects := map[string]func(*testing.T){
		"cache_from":   s.cachesAreRead,
		"cache_to":     s.cachesAreWritten,
		"entitlements": s.entitled,
		"no_cache":     func(t *testing.T) { s.runsAgain(t, func(c *kinds.BuildConfig) { c.NoCache = true }, "base", "last") },
		"no_cache_filter": func(t *testing.T) {
			s.runsAgain(t, func(c *kinds.BuildConfig) { c.NoCacheFilter = []string{"last"} }, "last")
		},
		"platforms": s.platforms,
		"pull":      s.pulls,
		"ssh":       s.sshKeys,
	}
	known := shown()
	for _, attribute := range attributes() {
		effect, ok := effects[attribute]
		switch {
		case !s.supports(attribute):
			t.Run(attribute+" is refused", func(t *testing.T) { s.refusesOne(t, attribute) })
		case ok:
			t.Run(attribute, effect)
		case known[attribute] == "":
			t.Errorf("%s should be honoured, and nothing shows that it is", attribute)
		}
	}
}

const stamped = "FROM busybox:1 AS base\nRUN cat /proc/sys/kernel/random/uuid > /base\nFROM base AS last\nRUN cat /proc/sys/kernel/random/uuid > /last\n"

// runsAgain checks which of two stages run again although nothing has changed.
func (s *suite) runsAgain(t *testing.T, change func(*kinds.BuildConfig), again ...string) {
	req := request(t, map[string]string{"Containerfile": stamped})
	first, _ := s.build(t, req)
	before := Files(t, first)
	req.OutputDir = t.TempDir()
	change(&req.Build)
	second, _ := s.build(t, req)
	after := Files(t, second)
	for _, stage := range []string{"base", "last"} {
		wanted := strings.Contains(strings.Join(again, " "), stage)
		if ran := before[stage] != after[stage]; ran != wanted {
			t.Errorf("stage %s ran again: %v, want %v", stage, ran, wanted)
		}
	}
}

// registry is where the host of a testbed finds its registry.
const registry = "127.0.0.1:5000"

// tagsOf returns what the registry says of a repository's tags.
func tagsOf(t *testing.T, repository string) string {
	t.Helper()
	answer, err := http.Get("https://" + registry + "/v2/" + repository + "/tags/list")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// cachesAreWritten checks that a cache is written to a registry, or refused by name where the engine cannot.
func (s *suite) cachesAreWritten(t *testing.T) {
	repository := "cache/" + s.Tool
	req := request(t, map[string]string{"Containerfile": stamped})
	req.Build.CacheTo = []string{registry + "/" + repository}
	sink := &Heard{}
	_, err := s.New().Build(t.Context(), req, sink)
	if err != nil {
		wants(t, err, resource.ErrUnsupported, "builder "+s.Tool+" cannot honour build.cache_to", "containerd image store")
		if out := sink.String(); out != "" {
			t.Errorf("something ran: %s", out)
		}
		req.Build.CacheTo = []string{"type=inline"}
		s.build(t, req)
		return
	}
	if tags := tagsOf(t, repository); !strings.Contains(tags, `"tags":["`) {
		t.Errorf("the registry says of the cache: %s", tags)
	}
}

// cachesAreRead checks that a cache that is not there is no error, and that one of another kind is refused if need be.
func (s *suite) cachesAreRead(t *testing.T) {
	req := request(t, map[string]string{"Containerfile": stamped})
	req.Build.CacheFrom = []string{registry + "/library/busybox:1"}
	s.build(t, req)
	req.OutputDir, req.Build.CacheFrom = t.TempDir(), []string{"type=local,src=" + t.TempDir()}
	if _, err := s.New().Build(t.Context(), req, resource.Discard{}); err != nil {
		wants(t, err, resource.ErrUnsupported, "builder "+s.Tool+` cannot honour build.cache_from "type=local`, "--builder")
	}
}

// entitled checks that a step gets the host's network only when the build is entitled to it.
func (s *suite) entitled(t *testing.T) {
	req := request(t, map[string]string{"Containerfile": "FROM busybox:1\nRUN --network=host true\n"})
	if _, err := s.New().Build(t.Context(), req, resource.Discard{}); err == nil || !strings.Contains(err.Error(), "network.host") {
		t.Errorf("without the entitlement: %v", err)
	}
	req.Build.Entitlements = []string{"network.host"}
	s.build(t, req)
}

// platforms checks that the image for the server is built if it is among the platforms, and refused if not.
func (s *suite) platforms(t *testing.T) {
	req := request(t, map[string]string{"Containerfile": "FROM busybox:1\n"})
	req.Build.Platforms = []string{"linux/arm64", "linux/amd64"}
	result, _ := s.build(t, req)
	if file, err := image(t, result).ConfigFile(); err != nil || file.Architecture != "amd64" {
		t.Errorf("the image is for %v, %v", file, err)
	}
	req.Build.Platforms = []string{"linux/arm64"}
	_, err := s.New().Build(t.Context(), req, resource.Discard{})
	wants(t, err, resource.ErrConfig, "build.platforms does not list linux/amd64", "add it")
}

// pulls checks that a newer image in FROM is fetched though the tool has one of that name.
func (s *suite) pulls(t *testing.T) {
	base := registry + "/pull/" + s.Tool + ":1"
	ref, err := name.ParseReference(base)
	if err != nil {
		t.Fatal(err)
	}
	var last string
	for _, pull := range []bool{false, true} {
		req := request(t, map[string]string{"Containerfile": stamped})
		req.Build.NoCache = true
		made, _ := s.build(t, req)
		if err := remote.Write(ref, image(t, made)); err != nil {
			t.Fatal(err)
		}
		wanted := Files(t, made)["last"]
		req = request(t, map[string]string{"Containerfile": "FROM " + base + "\n"})
		req.Build.Pull = pull
		got, _ := s.build(t, req)
		if has := Files(t, got)["last"]; has != wanted || has == last {
			t.Errorf("with pull %v, the image begins with %q, want %q after %q", pull, has, wanted, last)
		}
		last = wanted
	}
}

// sshKeys checks that a step can use a key, and that no layer has it.
func (s *suite) sshKeys(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key")
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	req := request(t, map[string]string{"Containerfile": "FROM busybox:1\nRUN --mount=type=ssh,id=deploy test -S \"$SSH_AUTH_SOCK\" && echo yes > /agent\n"})
	var short error // the path of a socket has at most 107 bytes
	if req.OutputDir, short = os.MkdirTemp("", "ssh-"); short != nil {
		t.Fatal(short)
	}
	t.Cleanup(func() { _ = os.RemoveAll(req.OutputDir) })
	s.leavesNothing(t, req)
	req.Build.SSH = []string{"deploy=" + file}
	result, _ := s.build(t, req)
	if got := Files(t, result)["agent"]; got != "00644 0:0 yes\n" {
		t.Errorf("the step saw an agent: %q", got)
	}
	if places := holds(t, result, strings.Split(string(text), "\n")[1]); len(places) > 0 {
		t.Errorf("the key is in %v", places)
	}
}

// refusesOne checks that an attribute is refused by name and nothing runs.
func (s *suite) refusesOne(t *testing.T, attribute string) {
	c, ok := unsupported()[attribute]
	if !ok {
		t.Fatalf("no example of %s", attribute)
	}
	req := request(t, map[string]string{"Containerfile": "FROM scratch\n"})
	c.Context = req.Build.Context
	req.Build = c
	for _, req.CheckOnly = range []bool{true, false} {
		sink := &Heard{}
		_, err := s.New().Build(t.Context(), req, sink)
		wants(t, err, resource.ErrUnsupported, "builder "+s.Tool+" cannot honour build."+attribute, "--builder")
		if out := sink.String(); out != "" {
			t.Errorf("%s: something ran: %s", attribute, out)
		}
	}
}

// unsupported are examples of attributes that some builder refuses.
func unsupported() map[string]kinds.BuildConfig {
	return map[string]kinds.BuildConfig{
		"additional_contexts": {AdditionalContexts: map[string]string{"a": "/"}},
		"cache_to":            {CacheTo: []string{"app"}},
		"entitlements":        {Entitlements: []string{"network.host"}},
		"no_cache_filter":     {NoCacheFilter: []string{"base"}},
		"privileged":          {Privileged: true},
		"provenance":          {Provenance: "mode=max"},
		"sbom":                {SBOM: "true"},
		"secrets":             {Secrets: []kinds.BuildSecret{{ID: "a", Content: []byte("b")}}},
		"shm_size":            {ShmSize: 1 << 20},
		"ssh":                 {SSH: []string{"default"}},
		"ulimits":             {Ulimits: map[string]string{"nofile": "1:1"}},
	}
}
