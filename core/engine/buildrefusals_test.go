package engine

import (
	"context"
	"encoding/json"
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

// withPicky are the plugins of a world with another builder.
type withPicky struct{ *world }

func (w withPicky) Builder(context.Context, string) (sdk.Builder, error) {
	return picky{builder(w)}, nil
}

func TestWhatTheBuilderCannotDoIsRefusedBeforeAnythingIsChanged(t *testing.T) {
	t.Parallel()
	image := ref(resource.KindImage, "app")
	for name, c := range map[string]struct {
		build   kinds.BuildConfig
		options resource.Options
		refused bool
	}{
		"an attribute that is not honoured": {kinds.BuildConfig{SSH: []string{"default"}}, resource.Options{}, true},
		"one that is":                       {kinds.BuildConfig{Network: "host"}, resource.Options{}, false},
		"a run without builds":              {kinds.BuildConfig{SSH: []string{"default"}}, resource.Options{Build: resource.BuildNever}, false},
	} {
		w := newWorld()
		config, err := json.Marshal(kinds.ImageConfig{Reference: "app", Build: &c.build})
		if err != nil {
			t.Fatal(err)
		}
		network := ref(resource.KindNetwork, "default")
		m := NewModel([]resource.Resolved{{Ref: network}, {Ref: image, Config: config, Position: resource.Position{File: "compose.yaml", Line: 3}}})
		p := newPlan(m, &Observation{States: map[resource.Ref]resource.State{}})
		p.add(Step{Ref: network, Action: resource.ActionEnsure})
		p.add(Step{Ref: image, Action: resource.ActionEnsure, Options: c.options})
		_, err = New(Config{Plugins: withPicky{w}}).Apply(t.Context(), p)
		if refused := err != nil && strings.Contains(err.Error(), "compose.yaml:3: ") && strings.Contains(err.Error(), "cannot honour build.ssh here: no agent"); refused != c.refused {
			t.Errorf("%s: got %v", name, err)
		}
		if ran := len(w.calls) > 0; ran == c.refused {
			t.Errorf("%s: called %q", name, w.calls)
		}
	}
}
