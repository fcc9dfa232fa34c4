package engine

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// picky is a builder that honours no ssh.
type picky struct{ builder }

func (picky) Probe(context.Context) (*sdk.Probe, error) {
	return &sdk.Probe{Available: true, Unsupported: []string{"ssh"}}, nil
}

func (p picky) Build(ctx context.Context, req kinds.BuildRequest, sink resource.Sink) (*kinds.BuildResult, error) {
	if len(req.Build.SSH) > 0 {
		return nil, resource.ErrUnsupported.WithText("builder picky cannot honour build.ssh here: no agent")
	}
	return p.builder.Build(ctx, req, sink)
}

// careful is a builder that knows of a check what picky says only when it builds.
type careful struct{ picky }

func (careful) Describe(context.Context) (*sdk.Description, error) {
	return &sdk.Description{Features: []string{sdk.FeatureBuildCheck}}, nil
}

func (c careful) Build(ctx context.Context, req kinds.BuildRequest, sink resource.Sink) (*kinds.BuildResult, error) {
	if !req.CheckOnly {
		return c.picky.Build(ctx, req, sink)
	}
	if slices.Contains(req.Build.CacheFrom, "type=gha") {
		return nil, resource.ErrUnsupported.WithText("builder careful cannot honour build.cache_from \"type=gha\"")
	}
	return &kinds.BuildResult{}, nil
}

// withBuilder are the plugins of a world with another builder, or none.
type withBuilder struct {
	*world
	builder sdk.Builder
}

func (w withBuilder) Builder(_ context.Context, name string) (sdk.Builder, error) {
	if w.builder == nil {
		return nil, resource.ErrNoPlugin.WithText("there is no builder " + name)
	}
	return w.builder, nil
}

func TestWhatTheBuilderCannotDoIsRefusedBeforeAnythingIsChanged(t *testing.T) {
	t.Parallel()
	w := newWorld()
	pickyOne, carefulOne := picky{builder{w}}, careful{picky{builder{w}}}
	gha, ssh := kinds.BuildConfig{CacheFrom: []string{"type=gha"}}, kinds.BuildConfig{SSH: []string{"default"}}
	never := resource.Options{Build: resource.BuildNever}
	for name, c := range map[string]struct {
		builder sdk.Builder
		build   kinds.BuildConfig
		options resource.Options
		refusal string
	}{
		"an attribute that is not honoured":      {pickyOne, ssh, resource.Options{}, "cannot honour build.ssh here: no agent"},
		"one that is":                            {pickyOne, kinds.BuildConfig{Network: "host"}, resource.Options{}, ""},
		"a run without builds":                   {pickyOne, ssh, never, ""},
		"a value that the builder finds":         {carefulOne, gha, resource.Options{}, `cannot honour build.cache_from "type=gha"`},
		"a value that the builder honours":       {carefulOne, kinds.BuildConfig{CacheFrom: []string{"app"}}, resource.Options{}, ""},
		"no builder":                             {nil, kinds.BuildConfig{}, resource.Options{}, "the builder that --builder names: there is no builder mason"},
		"no builder, and no build":               {nil, kinds.BuildConfig{}, never, ""},
		"a standard input that nobody has piped": {carefulOne, kinds.BuildConfig{Context: kinds.ContextStdin}, resource.Options{}, "nothing is piped to icc"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			err := applyBuild(t, withBuilder{w, c.builder}, c.build, c.options)
			if refused := err != nil; refused != (c.refusal != "") || refused && !strings.Contains(err.Error(), c.refusal) {
				t.Errorf("got %v, want %q", err, c.refusal)
			}
			if ran := len(w.calls) > 0; ran == (c.refusal != "") {
				t.Errorf("called %q", w.calls)
			}
		})
	}
}

// applyBuild applies a plan of a network and of an image that takes another one as its context, which is built so.
func applyBuild(t *testing.T, plugins Plugins, build kinds.BuildConfig, options resource.Options) error {
	t.Helper()
	config, err := json.Marshal(kinds.ImageConfig{Reference: "base", Build: &build})
	if err != nil {
		t.Fatal(err)
	}
	network, base := ref(resource.KindNetwork, "default"), ref(resource.KindImage, "base")
	app := imageOf(t, "app", "base")
	m := NewModel([]resource.Resolved{{Ref: network}, app, {Ref: base, Config: config, Position: resource.Position{File: "compose.yaml", Line: 3}}})
	p := newPlan(m, &Observation{States: map[resource.Ref]resource.State{}})
	p.add(Step{Ref: network, Action: resource.ActionEnsure})
	p.add(Step{Ref: app.Ref, Action: resource.ActionEnsure, Options: options})
	_, err = New(Config{Plugins: plugins, Builder: Choice{Name: "mason", By: "--builder"}}).Apply(t.Context(), p)
	return err
}

func TestTheBuilderIsAskedOnceHoweverManyImages(t *testing.T) {
	t.Parallel()
	w := newWorld()
	looked := &lookedFor{Plugins: w}
	e := New(Config{Plugins: looked})
	p := newPlan(NewModel([]resource.Resolved{imageOf(t, "app", "base"), imageOf(t, "base")}), &Observation{})
	for _, name := range []string{"app", "base"} {
		p.add(Step{Ref: ref(resource.KindImage, name), Action: resource.ActionEnsure})
	}
	for range 2 { // the second time it has been found that they can be built
		if err := e.refuseBuilds(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	if looked.times != 1 {
		t.Errorf("builders were looked for %d times", looked.times)
	}
}

// lookedFor counts how often builders are looked for.
type lookedFor struct {
	Plugins
	times int
}

func (a *lookedFor) Builder(ctx context.Context, name string) (sdk.Builder, error) {
	a.times++
	return a.Plugins.Builder(ctx, name)
}
