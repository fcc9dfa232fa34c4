package compose

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/compose-spec/compose-go/v2/schema"
	"go.yaml.in/yaml/v4"
)

// TestEveryAttributeThatWorksChangesWhatIsDeclared leaves out each attribute of each golden case once. What differs then
// in the declarations is what the plugins' tests of changes go by, field for field.
func TestEveryAttributeThatWorksChangesWhatIsDeclared(t *testing.T) {
	t.Parallel()
	cases, err := filepath.Glob("testdata/*/compose.yaml")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no golden cases: %v", err)
	}
	all := effects{of: map[string]map[string]bool{}}
	t.Run("cases", func(t *testing.T) {
		for _, file := range cases {
			t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
				t.Parallel()
				all.add(t, file)
			})
		}
	})
	for path, r := range coverage() {
		works := r.status == StatusMapped || r.status == StatusApproximated
		reason := unseen()[path]
		switch fields := slices.Sorted(maps.Keys(all.of[path])); {
		case works && len(fields) == 0 && reason == "":
			t.Errorf("%s is %s, but no golden case shows that it changes anything, and no reason is given", path, r.status)
		case reason != "" && len(fields) > 0:
			t.Errorf("%s changes %s; the reason %q is out of date", path, fields, reason)
		}
	}
}

// effects are the fields that change when an attribute is left out, by the attribute's path.
type effects struct {
	mu sync.Mutex
	of map[string]map[string]bool
}

func (e *effects) add(t *testing.T, file string) {
	t.Helper()
	dir, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	before, err := declared(t, dir, doc)
	if err != nil {
		t.Fatal(err)
	}
	leaveOut(doc, "", knownPaths(), func(path string) {
		after, err := declared(t, dir, doc)
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.of[path] == nil {
			e.of[path] = map[string]bool{}
		}
		if err != nil {
			e.of[path]["required"] = true
			return
		}
		for _, key := range slices.Concat(slices.Collect(maps.Keys(before)), slices.Collect(maps.Keys(after))) {
			if !reflect.DeepEqual(before[key], after[key]) {
				e.of[path][key[strings.IndexByte(key, ' ')+1:]] = true
			}
		}
	})
}

// declared returns the fields of the declarations, and what else a translation says, as "ref field".
func declared(t *testing.T, dir string, doc map[string]any) (map[string]any, error) {
	t.Helper()
	raw, err := yaml.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "compose.yaml")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := Load(context.Background(), LoadOptions{Files: []string{file}, WorkingDir: dir, ProjectDirectory: dir, Environment: []string{"FROM_SHELL=shell value"}})
	if err != nil {
		return nil, err
	}
	tr, err := Translate(p, TranslateOptions{})
	if err != nil {
		return nil, err
	}
	out := map[string]any{"- services": tr.Services, "- rolling": fmt.Sprintf("%+v", tr.Rolling), "- unattached": tr.Unattached}
	for _, d := range tr.Declarations {
		config := map[string]any{}
		if err := json.Unmarshal(d.Config, &config); err != nil {
			t.Fatal(err)
		}
		for key, value := range config {
			out[d.Ref.String()+" "+string(d.Kind)+"."+key] = value
		}
		out[d.Ref.String()+" edges"] = fmt.Sprint(d.DependsOn)
	}
	return out, nil
}

// leaveOut takes one attribute after the other out of a document, and puts it back.
func leaveOut(node any, at string, known map[string]bool, look func(path string)) {
	switch node := node.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(node)) {
			path := strings.TrimPrefix(at+"."+key, ".")
			if !known[path] {
				path = strings.TrimPrefix(at+".*", ".")
			}
			if !known[path] {
				continue
			}
			value := node[key]
			delete(node, key)
			look(path)
			node[key] = value
			leaveOut(value, path, known, look)
		}
	case []any:
		for _, item := range node {
			leaveOut(item, at+".[]", known, look)
		}
	}
}

func knownPaths() map[string]bool {
	known := map[string]bool{}
	for _, p := range schema.AttributePaths() {
		known[string(p)] = true
	}
	return known
}

// unseen are the attributes of which the declarations show nothing, and why.
func unseen() map[string]string {
	return map[string]string{
		"version":                                 "obsolete, and without an effect in docker compose, too",
		"configs.*.labels":                        "a config is a file, which has no labels",
		"configs.*.name":                          "a config is a file of the services that use it",
		"secrets.*.labels":                        "a secret is a file, which has no labels",
		"secrets.*.name":                          "a secret is a file of the services that use it",
		"networks.*.external.name":                "the old way to write networks.*.name, which compose-go reads as that",
		"volumes.*.external.name":                 "the old way to write volumes.*.name, which compose-go reads as that",
		"services.*.volumes.[].consistency":       "of Docker Desktop: mounts are always consistent",
		"services.*.deploy.rollback_config.order": "the way back is always stop-first",
		"services.*.deploy.resources.reservations.devices.[].count": "all devices, whatever the number",
	}
}
