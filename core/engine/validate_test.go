package engine

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/sdk/schema"
)

type noteConfig struct {
	Text string   `json:"text" jsonschema:"required"`
	Tags []string `json:"tags,omitempty"`
}

// annex is a world with a plugin "stationery" for the kind note. It counts how often it is started.
type annex struct {
	*world
	schema   json.RawMessage
	resolved int
}

func (a *annex) Provider(_ context.Context, kind resource.Kind) (sdk.Provider, error) {
	if kind == "letter" {
		return nil, resource.ErrNoPlugin.WithText(`no plugin offers the kind "letter"`)
	}
	return a, nil
}

func (a *annex) Describe(context.Context) (*sdk.Description, error) {
	return &sdk.Description{Name: "stationery", Kinds: []sdk.Kind{{Kind: "note", ConfigSchema: a.schema}}}, nil
}

func (a *annex) Resolve(ctx context.Context, decls []resource.Declaration) (*sdk.Resolution, error) {
	a.resolved++
	return a.world.Resolve(ctx, decls)
}

func note(kind resource.Kind, config string) resource.Declaration {
	return resource.Declaration{
		Ref: ref(kind, "motd"), Config: json.RawMessage(config),
		Position: resource.Position{File: "compose.yaml", Line: 7, Path: "x-icc.resources.motd"},
	}
}

func TestThirdPartyDeclarationsAreHeldAgainstTheSchema(t *testing.T) {
	t.Parallel()
	const at = "compose.yaml:7: x-icc.resources.motd"
	for name, c := range map[string]struct {
		decl  resource.Declaration
		is    error
		texts []string
		hint  string
	}{
		"a good one":           {decl: note("note", `{"text":"hello","tags":["a"]}`)},
		"an unknown field":     {note("note", `{"text":"hello","txt":1}`), resource.ErrConfig, []string{at + ".config.txt: unknown field"}, "icc plugin info stationery"},
		"a missing field":      {note("note", `{}`), resource.ErrConfig, []string{at + ".config.text: required, but missing"}, "icc plugin info stationery"},
		"two mistakes":         {note("note", `{"text":1,"tags":"a"}`), resource.ErrConfig, []string{".config.tags: a string instead of a list", ".config.text: a number instead of a string"}, "icc plugin info"},
		"one inside of a list": {note("note", `{"text":"a","tags":["a",2]}`), resource.ErrConfig, []string{at + ".config.tags[1]: a number instead of a string"}, "icc plugin info"},
		"no plugin for it":     {note("letter", `{}`), resource.ErrNoPlugin, []string{at + `: no plugin offers the kind "letter"`}, ""},
		"a kind of our own":    {decl: note(resource.KindStorageVolume, `{"no_such_field":1}`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &annex{world: newWorld(), schema: schema.Of(noteConfig{})}
			_, err := New(Config{Plugins: a}).Resolve(t.Context(), []resource.Declaration{c.decl})
			if !errors.Is(err, c.is) {
				t.Fatalf("got %v, want %v", err, c.is)
			}
			if err == nil {
				return
			}
			for _, text := range c.texts {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("%v does not say %q", err, text)
				}
			}
			if !strings.Contains(resource.Hint(err), c.hint) {
				t.Errorf("the hint is %q, want %q", resource.Hint(err), c.hint)
			}
			if a.resolved > 0 {
				t.Error("the plugin was asked although the declaration is wrong")
			}
		})
	}
}

func TestPluginsWithoutAGoodSchema(t *testing.T) {
	t.Parallel()
	decls := []resource.Declaration{note("note", `{"what":"ever"}`)}
	if _, err := New(Config{Plugins: &annex{world: newWorld()}}).Resolve(t.Context(), decls); err != nil {
		t.Errorf("without a schema, anything goes: %v", err)
	}
	broken := &annex{world: newWorld(), schema: json.RawMessage(`{"type":"strin"}`)}
	_, err := New(Config{Plugins: broken}).Resolve(t.Context(), decls)
	if !errors.Is(err, resource.ErrPlugin) || !strings.Contains(err.Error(), "stationery") {
		t.Errorf("a broken schema: %v", err)
	}
}
