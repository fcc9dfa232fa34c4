package buildtool

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// silent is an engine that can be asked, and never builds.
type silent struct{ Engine }

func (silent) About() About { return About{Version: "1", Platforms: []string{"linux/amd64"}} }

func (silent) Check(_ context.Context, c kinds.BuildConfig) error {
	if c.Network != "" {
		return Cannot("fake", "network", c.Network)
	}
	return nil
}

func TestAToolIsLookedForUntilItIsFoundAndThenRemembered(t *testing.T) {
	t.Parallel()
	asked := 0
	b := New(Tool{Name: "fake", Inspect: func(context.Context) (Engine, error) {
		if asked++; asked < 3 {
			return nil, errors.New("fake is not installed")
		}
		return silent{}, nil
	}})
	for i, want := range []bool{false, false, true, true, true} {
		probe, err := b.Probe(t.Context())
		if err != nil || probe.Available != want {
			t.Errorf("question %d: %+v, %v", i+1, probe, err)
		}
	}
	if asked != 3 {
		t.Errorf("the tool was asked %d times", asked)
	}
}

func TestACheckFindsWhatABuildWouldFailOf(t *testing.T) {
	t.Parallel()
	inline := kinds.BuildConfig{Context: t.TempDir(), DockerfileInline: "FROM scratch"}
	networked, privileged := inline, inline
	networked.Network, privileged.Privileged = "x", true
	for name, c := range map[string]struct {
		build kinds.BuildConfig
		found error
		want  string
	}{
		"nothing":                         {inline, nil, ""},
		"an attribute":                    {privileged, nil, "cannot honour build.privileged"},
		"a value that the engine refuses": {networked, nil, "cannot honour build.network"},
		"no context":                      {kinds.BuildConfig{Context: inline.Context + "/no"}, nil, "there is no build context"},
		"no tool":                         {inline, errors.New("it is not installed"), "it is not installed"},
		"an attribute before the tool":    {privileged, errors.New("it is not installed"), "cannot honour build.privileged"},
	} {
		b := New(Tool{Name: "fake", Unsupported: []string{"privileged"}, Inspect: func(context.Context) (Engine, error) {
			return silent{}, c.found
		}})
		_, err := b.Build(t.Context(), kinds.BuildRequest{Name: "x", Build: c.build, CheckOnly: true}, resource.Discard{})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}
