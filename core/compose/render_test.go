package compose

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

const rendered = `name: shop
services:
  web:
    image: nginx:${TAG:-1}
    profiles: [a, b]
    environment: {WHO: "${WHO:?who}"}
    volumes: [data:/data]
    secrets: [key]
    x-icc: {nat: true}
  built: {build: "${DIR:+sub}", networks: [n]}
volumes: {data: {}}
networks: {n: {}}
secrets: {key: {environment: SECRET}}
`

func loadRendered(t *testing.T, change ...func(*LoadOptions)) *Project {
	t.Helper()
	dir := project(t, map[string]string{"compose.yaml": rendered})
	p, err := loadOnly(dir, append([]func(*LoadOptions){func(o *LoadOptions) {
		o.Environment, o.Profiles = []string{"WHO=me", "SECRET=geheim", "DIR=x"}, []string{"a"}
	}}, change...)...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTheRenderedProjectLoadsAgainAsTheSame(t *testing.T) {
	t.Parallel()
	p := loadRendered(t)
	out, err := p.YAML()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(out), "geheim") {
		t.Errorf("the secret is shown:\n%s", out)
	}
	dir := project(t, map[string]string{"compose.yaml": string(out)})
	again, err := loadOnly(dir, func(o *LoadOptions) { o.Environment, o.Profiles = []string{"SECRET=geheim"}, []string{"a"} })
	if err != nil {
		t.Fatalf("%v in\n%s", err, out)
	}
	for _, name := range []string{"web", "built"} {
		a, errA := p.ServiceHash(name)
		b, errB := again.ServiceHash(name)
		if errA != nil || errB != nil || a != b || len(a) != 64 {
			t.Errorf("hash of %s: %s, %v; again %s, %v", name, a, errA, b, errB)
		}
	}
}

func TestJSONAndYAMLSayTheSame(t *testing.T) {
	t.Parallel()
	p := loadRendered(t)
	asYAML, err := p.YAML()
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := p.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var a, b map[string]any
	if err := yaml.Unmarshal(asYAML, &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(asJSON, &b); err != nil {
		t.Fatal(err)
	}
	image := func(m map[string]any) any { return m["services"].(map[string]any)["web"].(map[string]any)["image"] }
	if image(a) != "nginx:1" || image(b) != "nginx:1" || a["name"] != "shop" || b["name"] != "shop" {
		t.Errorf("YAML\n%s\nJSON\n%s", asYAML, asJSON)
	}
}

func TestAHashChangesWithTheServiceOnly(t *testing.T) {
	t.Parallel()
	hash := func(attributes ...string) string {
		dir := project(t, map[string]string{"compose.yaml": service(attributes...)})
		p, err := loadOnly(dir)
		if err != nil {
			t.Fatal(err)
		}
		h, err := p.ServiceHash("web")
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	base := hash("user: me")
	for _, same := range [][]string{{"user: me", "scale: 3"}, {"user: me", "pull_policy: always"}, {"user: me", "profiles: []"}} {
		if hash(same...) != base {
			t.Errorf("%v changes the hash", same)
		}
	}
	if hash("user: you") == base {
		t.Error("another user does not change the hash")
	}
	p := loadRendered(t)
	if _, err := p.ServiceHash("wbe"); err == nil {
		t.Error("no error for an unknown service")
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	p := loadRendered(t)
	for what, c := range map[string]struct{ got, want []string }{
		"services":    {p.ServiceList(), []string{"built", "web"}},
		"volumes":     {p.VolumeList(), []string{"data"}},
		"networks":    {p.NetworkList(), []string{"default", "n"}},
		"images":      {p.ImageList(), []string{"shop-built", "nginx:1"}},
		"profiles":    {p.ProfileList(), []string{"a", "b"}},
		"environment": {p.EnvironmentList(), []string{"COMPOSE_PROJECT_NAME=shop", "DIR=x", "SECRET=geheim", "WHO=me"}},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
}

func TestWithoutInterpolationVariablesStay(t *testing.T) {
	t.Parallel()
	p := loadRendered(t, func(o *LoadOptions) { o.SkipInterpolation = true })
	for _, render := range []func() ([]byte, error){p.YAML, p.JSON} {
		out, err := render()
		if err != nil || !bytes.Contains(out, []byte("nginx:${TAG:-1}")) {
			t.Errorf("%v\n%s", err, out)
		}
	}
	if diff := cmp.Diff([]string{"built", "web"}, p.ServiceList()); diff != "" {
		t.Error(diff)
	}
	if _, err := Translate(p, TranslateOptions{}); err == nil {
		t.Error("a project without services is translated")
	}
}

func TestPathsAndDefaultsCanBeLeftAlone(t *testing.T) {
	t.Parallel()
	p := loadRendered(t, func(o *LoadOptions) { o.SkipResolvePaths, o.SkipNormalization = true, true })
	if b := p.Services["built"].Build; b.Context != "sub" || b.Dockerfile != "" {
		t.Errorf("build %+v", b)
	}
}

func TestVariablesAreListed(t *testing.T) {
	t.Parallel()
	dir := project(t, map[string]string{"compose.yaml": rendered})
	got, err := Variables(context.Background(), LoadOptions{WorkingDir: dir, Environment: []string{}})
	if err != nil {
		t.Fatal(err)
	}
	want := []Variable{
		{Name: "DIR", AlternateValue: "sub"}, {Name: "TAG", DefaultValue: "1"}, {Name: "WHO", Required: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
}

func TestWithoutEnvironmentMissingFilesDoNotMatter(t *testing.T) {
	t.Parallel()
	dir := project(t, map[string]string{"compose.yaml": service("env_file: gone.env", "label_file: gone.labels")})
	if _, err := loadOnly(dir, func(o *LoadOptions) { o.SkipEnvironment = true }); err != nil {
		t.Error(err)
	}
	if _, err := loadOnly(dir); err == nil {
		t.Error("the missing files are not noticed at all")
	}
}
