package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func declare(t *testing.T, name string, config kinds.ImageConfig) resource.Declaration {
	t.Helper()
	raw, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	return resource.Declaration{Ref: resource.Ref{Kind: resource.KindImage, Name: name}, Config: raw}
}

func configured(t *testing.T) *provider {
	t.Helper()
	p := newProvider()
	if err := p.Configure(t.Context(), settings()); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestResolveNamesImages(t *testing.T) {
	t.Parallel()
	build := &kinds.BuildConfig{Context: "/x"}
	for _, test := range []struct {
		name   string
		config kinds.ImageConfig
		want   string
	}{
		{"a pulled image has its complete reference", kinds.ImageConfig{Reference: "redis:8"}, "docker.io/library/redis:8"},
		{"the server's own platform changes nothing", kinds.ImageConfig{Reference: "redis:8", Platform: "linux/amd64"}, "docker.io/library/redis:8"},
		{"another platform is another image", kinds.ImageConfig{Reference: "redis:8", Platform: "linux/386"}, "docker.io/library/redis:8#linux/386"},
		{"a build has the same form", kinds.ImageConfig{Reference: "shop-web", Build: build}, "docker.io/library/shop-web:latest"},
		{"a native image keeps its name", kinds.ImageConfig{Reference: "images:debian/13"}, "images:debian/13"},
		{"a virtual machine is another image", kinds.ImageConfig{Reference: "images:debian/13", Type: virtualMachine}, "images:debian/13#virtual-machine"},
	} {
		got, err := configured(t).Resolve(t.Context(), []resource.Declaration{declare(t, "x", test.config)})
		if err != nil || len(got.Diagnostics) > 0 {
			t.Errorf("%s: %v %v", test.name, err, got.Diagnostics)
			continue
		}
		if r := got.Resolved[0]; r.IncusName != test.want || !resource.SupportsAction(r, resource.ActionDelete) {
			t.Errorf("%s: got %q %v, want %q", test.name, r.IncusName, r.Actions, test.want)
		}
	}
}

func TestResolveReportsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for want, config := range map[string]kinds.ImageConfig{
		"is not an image reference":          {Reference: "Redis:8:9"},
		"is no pull policy":                  {Reference: "redis", PullPolicy: "often"},
		"which a virtual machine cannot run": {Reference: "redis", Type: virtualMachine},
		"that is an image of a server":       {Reference: "images:debian/13", Build: &kinds.BuildConfig{}},
	} {
		d := declare(t, config.Reference, config)
		d.Position = resource.Position{File: "compose.yaml", Path: "services.db.image"}
		got, err := configured(t).Resolve(t.Context(), []resource.Declaration{d})
		if err != nil || len(got.Resolved) != 1 || len(got.Diagnostics) != 1 {
			t.Errorf("%s: got %+v, %v; want one resolved and one diagnostic", want, got, err)
			continue
		}
		finding := got.Diagnostics[0]
		if !strings.Contains(finding.Text, want) || finding.Hint == "" || finding.Severity != resource.SeverityError {
			t.Errorf("got %+v, want an error about %q with a hint", finding, want)
		}
		if diff := cmp.Diff(d.Position, finding.Position); diff != "" {
			t.Errorf("the place is lost: %s", diff)
		}
	}
}

func TestWhatTheServerLacksIsFoundByPlanWhereOnlyThoseMindWhoWantIt(t *testing.T) {
	t.Parallel()
	build := &kinds.BuildConfig{Context: "/x", Platforms: []string{"linux/arm64"}}
	both := &kinds.BuildConfig{Context: "/x", Platforms: []string{"linux/arm64", "amd64"}}
	for name, test := range map[string]struct {
		config kinds.ImageConfig
		want   string
	}{
		"another platform":                  {kinds.ImageConfig{Reference: "redis", Platform: "linux/arm64"}, "the server does not run linux/arm64"},
		"another system":                    {kinds.ImageConfig{Reference: "redis", Platform: "windows/amd64"}, "does not run windows/amd64; it runs li"},
		"a build for another platform":      {kinds.ImageConfig{Reference: "web", Build: build}, "build.platforms does not list linux/amd64"},
		"a build for the server and others": {kinds.ImageConfig{Reference: "web", Build: both}, ""},
	} {
		p := configured(t)
		d := declare(t, "x", test.config)
		d.Position = resource.Position{File: "compose.yaml", Path: "services.db.image"}
		got, err := p.Resolve(t.Context(), []resource.Declaration{d})
		if err != nil || len(got.Resolved) != 1 || len(got.Diagnostics) != 0 {
			t.Errorf("%s: Resolve says %+v, %v", name, got, err)
			continue
		}
		if test.config.Platform != "" && !strings.HasSuffix(got.Resolved[0].IncusName, "#"+test.config.Platform) {
			t.Errorf("%s: it has the name of the server's own, %s", name, got.Resolved[0].IncusName)
		}
		plan := &sdk.PlanResult{}
		p.planOne(plan, got.Resolved[0], nil, resource.NewOptions(resource.OptionCreate()))
		if test.want == "" && len(plan.Diagnostics) == 0 {
			continue
		}
		if len(plan.Diagnostics) != 1 || test.want == "" || !strings.Contains(plan.Diagnostics[0].Text, test.want) || plan.Diagnostics[0].Position != d.Position {
			t.Errorf("%s: Plan says %+v, want %q", name, plan.Diagnostics, test.want)
		}
	}
}

func TestServersWithoutOCIAreRefused(t *testing.T) {
	t.Parallel()
	old := settings()
	old.APIExtensions, old.ServerVersion = []string{"instance"}, "6.0.3"
	err := requireOCI(old)
	if err == nil || !strings.Contains(err.Error(), "6.0.3") || !strings.Contains(resource.Hint(err), "6.3") {
		t.Errorf("got %v (%s), want an error with both versions", err, resource.Hint(err))
	}
	if err := requireOCI(settings()); err != nil {
		t.Errorf("a server with OCI was refused: %v", err)
	}
	p := newProvider()
	_, err = planChange(mustRead(t, kinds.ImageConfig{Reference: "redis"}), image{}, resource.Options{}, old, p)
	if err == nil {
		t.Error("the plan does not say that the server cannot run OCI images")
	}
	if _, err = planChange(mustRead(t, kinds.ImageConfig{Reference: "images:debian/13"}), image{}, resource.Options{}, old, p); err != nil {
		t.Errorf("a native image was refused: %v", err)
	}
}
