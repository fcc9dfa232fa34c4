package compose

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/icc-project/icc/sdk/resource"
)

const shop = `name: shop
services:
  web: {image: x, depends_on: [api], ports: ["80:80"]}
  api: {image: x, depends_on: {db: {condition: service_healthy}, cache: {condition: service_started, required: false}}}
  db: {image: x, secrets: [key]}
  cache: {image: x, container_name: store}
  debug: {image: x, profiles: [dev], depends_on: [web], env_file: debug.env}
secrets: {key: {environment: KEY}}
`

func loadShop(t *testing.T, change ...func(*LoadOptions)) *Project {
	t.Helper()
	dir := project(t, map[string]string{"compose.yaml": shop, "debug.env": "DEBUG=1"})
	p, err := loadOnly(dir, append(change, func(o *LoadOptions) { o.Environment = append(o.Environment, "KEY=k") })...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestServicesAreSelected(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		o    TranslateOptions
		want []string
	}{
		{"all, dependencies first", TranslateOptions{}, []string{"cache", "db", "api", "web"}},
		{"one and what it depends on", TranslateOptions{Services: []string{"api"}}, []string{"cache", "db", "api"}},
		{"one without dependencies", TranslateOptions{Services: []string{"web"}, NoDeps: true}, []string{"web"}},
		{"two without dependencies, in order", TranslateOptions{Services: []string{"web", "db"}, NoDeps: true}, []string{"db", "web"}},
		{"one of an inactive profile", TranslateOptions{Services: []string{"debug"}}, []string{"cache", "db", "api", "web", "debug"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tr, err := Translate(loadShop(t), c.o)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, tr.Services); diff != "" {
				t.Errorf("services (-want +got):\n%s", diff)
			}
			for _, d := range tr.Declarations {
				for _, e := range d.DependsOn {
					if !declares(tr, e.To) {
						t.Errorf("%s needs %s, which is not declared", d.Ref, e.To)
					}
				}
			}
		})
	}
}

func declares(tr *Translation, ref resource.Ref) bool {
	for _, d := range tr.Declarations {
		if d.Ref == ref {
			return true
		}
	}
	return false
}

func TestProfilesAreActivated(t *testing.T) {
	t.Parallel()
	for _, change := range []func(*LoadOptions){
		func(o *LoadOptions) { o.Profiles = []string{"dev"} },
		func(o *LoadOptions) { o.Profiles = []string{"*"} },
		func(o *LoadOptions) { o.Environment = []string{"COMPOSE_PROFILES=other, dev"} },
	} {
		p := loadShop(t, change)
		if _, ok := p.Services["debug"]; !ok {
			t.Errorf("debug is not enabled among %v", p.serviceNames())
		}
	}
}

func TestAServiceOfAnInactiveProfileGetsItsEnvironment(t *testing.T) {
	t.Parallel()
	tr, err := Translate(loadShop(t), TranslateOptions{Services: []string{"debug"}, NoDeps: true})
	if err != nil {
		t.Fatal(err)
	}
	if c := instanceOf(t, tr, "debug-1"); c.Environment["DEBUG"] != "1" {
		t.Errorf("environment %v", c.Environment)
	}
}

func TestAddressesAndSecretsOfServicesThatAreNotWantedStay(t *testing.T) {
	t.Parallel()
	all, err := Translate(loadShop(t), TranslateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	one, err := Translate(loadShop(t), TranslateOptions{Services: []string{"db"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, ref := range []resource.Ref{{Kind: resource.KindNetwork, Name: "default"}, {Kind: resource.KindStorageVolume, Name: filesVolume}} {
		if diff := cmp.Diff(string(configOf(t, all, ref)), string(configOf(t, one, ref))); diff != "" {
			t.Errorf("%s depends on what is wanted:\n%s", ref, diff)
		}
	}
}

func TestSelectionMistakes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		o          TranslateOptions
		text, hint string
	}{
		{"an unknown service", TranslateOptions{Services: []string{"wbe"}}, `no service "wbe" in project "shop"`,
			`did you mean "web"? the services are: api, cache, db, web, debug`},
		{"an unknown service like none", TranslateOptions{Services: []string{"frontend"}}, `no service "frontend" in project "shop"`,
			"the services are: api, cache, db, web, debug"},
		{"an unknown service to scale", TranslateOptions{Scale: map[string]int{"apu": 2}}, `no service "apu" in project "shop"`,
			`did you mean "api"? the services are: api, cache, db, web, debug`},
		{"a negative scale", TranslateOptions{Scale: map[string]int{"api": -1}}, `service "api" cannot have -1 replicas`, "give a number from 0 up"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Translate(loadShop(t), c.o)
			wantError(t, "no such directory", err, c.text, c.hint)
		})
	}
}

func TestScaleOverridesTheFile(t *testing.T) {
	t.Parallel()
	tr, err := Translate(loadShop(t), TranslateOptions{Scale: map[string]int{"db": 3, "api": 0}})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range tr.Declarations {
		if d.Kind == resource.KindInstance {
			names = append(names, d.Name)
		}
	}
	if diff := cmp.Diff([]string{"cache-1", "db-1", "db-2", "db-3", "web-1"}, names); diff != "" {
		t.Errorf("instances (-want +got):\n%s", diff)
	}
}

func TestScaleBeyondAContainerNameOrPortIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		scale map[string]int
		text  string
	}{
		{map[string]int{"cache": 2}, `compose.yaml:6: services.cache.container_name: service "cache" has 2 replicas, which cannot share the name "store"`},
		{map[string]int{"web": 2}, `compose.yaml:3: services.web.ports[0]: 2 replicas of service "web" cannot share host port 80`},
	} {
		tr, err := Translate(loadShop(t), TranslateOptions{Scale: c.scale})
		if err != nil {
			t.Fatal(err)
		}
		if err := tr.Err(); err == nil || err.Error() != c.text {
			t.Errorf("scale %v: got %v, want %s", c.scale, err, c.text)
		}
	}
}
