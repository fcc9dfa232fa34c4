package compose

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func TestNumbersOfReplicas(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		n        int
		existing []int
		want     []int
	}{
		"a new service counts from 1":             {3, nil, []int{1, 2, 3}},
		"more follow those that exist":            {3, []int{1}, []int{1, 2, 3}},
		"the highest go first":                    {1, []int{3, 1, 2}, []int{1}},
		"a gap is kept":                           {2, []int{1, 3}, []int{1, 3}},
		"new ones come after the highest":         {3, []int{1, 3}, []int{1, 3, 4}},
		"one that is left alone keeps its number": {1, []int{4}, []int{4}},
		"none": {0, []int{1, 2}, []int{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, append([]int{}, Numbers(c.n, c.existing)...)); diff != "" {
				t.Errorf("numbers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReplicasShareNoPlaceAndKeepTheirs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		existing := rapid.SliceOfNDistinct(rapid.IntRange(1, 12), 0, 6, rapid.ID).Draw(t, "existing")
		numbers := Numbers(rapid.IntRange(0, 8).Draw(t, "wanted"), existing)
		taken := map[int]bool{}
		for _, n := range numbers {
			at := slot(numbers, n, len(numbers))
			if at < 0 || at >= len(numbers) || taken[at] {
				t.Fatalf("replica %d of %v has place %d, taken: %v", n, numbers, at, taken)
			}
			taken[at] = true
		}
		if again := Numbers(len(numbers), numbers); !slices.Equal(again, numbers) {
			t.Fatalf("%v becomes %v", numbers, again)
		}
	})
}

func TestAProjectIsDeclaredWithTheNumbersThatExist(t *testing.T) {
	t.Parallel()
	p, err := loadOnly(project(t, map[string]string{"compose.yaml": `
name: shop
services:
  web: {image: nginx, scale: 2, ports: ["8080-8081:80"], depends_on: [db]}
  db: {image: redis, volumes: [/data]}
  copy: {image: redis, volumes_from: [db]}
`}))
	if err != nil {
		t.Fatal(err)
	}
	existing := map[string][]int{"web": {2, 4}, "db": {3}}
	plain, err := Translate(p, TranslateOptions{})
	if err != nil || plain.Fits(existing) || !plain.Fits(nil) || !plain.Fits(map[string][]int{"web": {1, 2, 3}}) {
		t.Errorf("a translation that knows of nothing fits the wrong ones: %v %v", plain.Numbers, err)
	}
	tr, err := Translate(p, TranslateOptions{Existing: existing})
	if err != nil || !tr.Fits(existing) {
		t.Fatalf("%v does not fit %v: %v", tr.Numbers, existing, err)
	}
	got := map[string]string{}
	for _, d := range tr.Declarations {
		switch d.Kind {
		case resource.KindInstance:
			var c kinds.InstanceConfig
			if err := json.Unmarshal(d.Config, &c); err != nil {
				t.Fatal(err)
			}
			for _, port := range c.Ports {
				got[d.Name] += " port " + strings.Repeat("+", port.Published-8080)
			}
			for _, m := range c.Mounts {
				got[d.Name] += " " + m.Source
			}
			for _, e := range d.DependsOn {
				if e.To.Kind == resource.KindInstance {
					got[d.Name] += " needs " + e.To.Name
				}
			}
		case resource.KindNetwork:
			var c kinds.NetworkConfig
			if err := json.Unmarshal(d.Config, &c); err != nil {
				t.Fatal(err)
			}
			for _, a := range c.Attachments {
				got[d.Name] += " " + a.IncusName
			}
		}
	}
	want := map[string]string{
		"web-2": " port + needs db-3", "web-4": " port  needs db-3", "db-3": " db-3:/data",
		"copy-1": " db-3:/data needs db-3", "default": " shop-copy-1 shop-db-3 shop-web-2 shop-web-4",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("declarations (-want +got):\n%s", diff)
	}
}

func TestServicesThatARunIsNotAboutKeepTheirReplicas(t *testing.T) {
	t.Parallel()
	p, err := loadOnly(project(t, map[string]string{"compose.yaml": `
name: shop
services:
  web: {image: nginx, depends_on: [db]}
  db: {image: redis}
  cache: {image: redis}
`}))
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		names  []string
		noDeps bool
		want   map[string]bool
	}{
		"all":                    {nil, false, nil},
		"one and what it needs":  {[]string{"web"}, false, map[string]bool{"cache": true}},
		"one alone":              {[]string{"web"}, true, map[string]bool{"cache": true, "db": true}},
		"none of them":           {[]string{""}, true, map[string]bool{"cache": true, "db": true, "web": true}},
		"one that needs nothing": {[]string{"cache", "db"}, false, map[string]bool{"web": true}},
	} {
		if diff := cmp.Diff(tt.want, p.Aside(tt.names, tt.noDeps)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	o := TranslateOptions{Aside: p.Aside([]string{"db"}, false)}
	existing := map[string][]int{"web": {1, 2, 3}, "db": {1, 2}}
	tr, err := Translate(p, o)
	if err != nil || tr.Fits(existing) || !tr.Fits(map[string][]int{"db": {1, 2}, "web": {1}}) {
		t.Errorf("%v fits the wrong ones, %v", tr.Numbers, err)
	}
	o.Existing = existing
	tr, err = Translate(p, o)
	if diff := cmp.Diff(map[string][]int{"web": {1, 2, 3}, "db": {1}, "cache": {1}}, tr.Numbers); diff != "" || err != nil || !tr.Fits(existing) {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
