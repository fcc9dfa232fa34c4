package compose

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// imagesOf returns the declared images: "built" or "fetched", and the images that they need.
func imagesOf(t *testing.T, tr *Translation) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, d := range tr.Declarations {
		if d.Kind != resource.KindImage {
			continue
		}
		var cfg kinds.ImageConfig
		if err := json.Unmarshal(d.Config, &cfg); err != nil {
			t.Fatal(err)
		}
		says := "fetched"
		if cfg.Build != nil {
			says = "built"
		}
		for _, e := range d.DependsOn {
			if e.To.Kind == resource.KindImage {
				says += " from " + e.To.Name
			}
		}
		out[d.Name] = says + " for " + strings.Join(cfg.Services, " ")
	}
	return out
}

func TestAnImageThatAServiceBuildsIsBuiltForWhoeverUsesIt(t *testing.T) {
	t.Parallel()
	const file = `name: shop
services:
  base: {image: shop/base, build: {dockerfile_inline: "FROM x"}, profiles: [build]}
  lib: {build: {dockerfile_inline: "FROM y"}}
  web: {image: shop/base}
  app: {build: {dockerfile_inline: "FROM lib", additional_contexts: {lib: "service:lib", base: "service:base"}}}
  db: {image: postgres}
`
	for name, c := range map[string]struct {
		wanted []string
		want   map[string]string
	}{
		"all": {nil, map[string]string{
			"shop/base": "built for base web", "shop-lib": "built for lib", "shop-app": "built from shop/base from shop-lib for app",
			"postgres": "fetched for db",
		}},
		"the user of an image that an inactive service builds": {[]string{"web"}, map[string]string{"shop/base": "built for base web"}},
		"one whose contexts are others' images": {[]string{"app"}, map[string]string{
			"shop/base": "built for base", "shop-lib": "built for lib", "shop-app": "built from shop/base from shop-lib for app",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := loadOnly(project(t, map[string]string{"compose.yaml": file}))
			if err != nil {
				t.Fatal(err)
			}
			tr, err := Translate(p, TranslateOptions{Services: c.wanted, NoDeps: true})
			if err != nil || tr.Err() != nil {
				t.Fatal(err, tr.Err())
			}
			if diff := cmp.Diff(c.want, imagesOf(t, tr)); diff != "" {
				t.Errorf("images (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAPlatformWrittenInTwoWaysIsOne(t *testing.T) {
	t.Parallel()
	p, err := loadOnly(project(t, map[string]string{"compose.yaml": `name: shop
services:
  a: {image: redis, platform: amd64}
  b: {image: redis, platform: linux/amd64}
  c: {image: shop/c, platform: linux/arm64, build: {dockerfile_inline: "FROM x", platforms: [linux/arm64/v8]}}
`}))
	if err != nil {
		t.Fatal(err)
	}
	tr, err := Translate(p, TranslateOptions{})
	if err != nil || tr.Err() != nil {
		t.Fatal(err, tr.Err())
	}
	want := map[string]string{"redis": "fetched for a b", "shop/c": "built for c"}
	if diff := cmp.Diff(want, imagesOf(t, tr)); diff != "" {
		t.Errorf("images (-want +got):\n%s", diff)
	}
}

func TestContextsThatFormACircleAreRefused(t *testing.T) {
	t.Parallel()
	p, err := loadOnly(project(t, map[string]string{"compose.yaml": `services:
  a: {build: {dockerfile_inline: "FROM b", additional_contexts: {b: "service:b"}}}
  b: {build: {dockerfile_inline: "FROM a", additional_contexts: {a: "service:a"}}}
`}))
	if err == nil {
		var tr *Translation
		if tr, err = Translate(p, TranslateOptions{}); err == nil {
			err = tr.Err()
		}
	}
	if err == nil || !strings.Contains(err.Error(), "circle") && !strings.Contains(err.Error(), "cycle") {
		t.Errorf("got %v", err)
	}
}

func TestAContextMayBeTheStandardInput(t *testing.T) {
	t.Parallel()
	const file = "services: {web: {build: {context: \"-\"}}}\n"
	dir := project(t, map[string]string{"compose.yaml": file})
	p, err := loadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Services["web"].Build.Context; !strings.HasSuffix(got, "/-") {
		t.Fatalf("the loader says %q", got)
	}
	tr, err := Translate(p, TranslateOptions{})
	if err != nil || tr.Err() != nil {
		t.Fatal(err, tr.Err())
	}
	for _, d := range tr.Declarations {
		if d.Kind == resource.KindImage && !strings.Contains(string(d.Config), `"context":"-"`) {
			t.Errorf("the image is %s", d.Config)
		}
	}
	p, err = loadOnly(dir, func(o *LoadOptions) { o.Files, o.Stdin = []string{"-"}, strings.NewReader(file) })
	if err != nil {
		t.Fatal(err)
	}
	if tr, err = Translate(p, TranslateOptions{}); err != nil || tr.Err() == nil || !strings.Contains(tr.Err().Error(), "cannot both come from the standard input") {
		t.Errorf("the compose file from the standard input, too: %v, %v", err, tr.Err())
	}
}
