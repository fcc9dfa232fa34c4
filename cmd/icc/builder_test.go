package main

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk"
)

func TestTheBuilderListSaysWhoBuilds(t *testing.T) {
	t.Parallel()
	states := []engine.BuilderState{
		{Name: "broken", Err: errors.New("the plugin crashed")},
		{Name: "buildah", Probe: &sdk.Probe{Available: true, Version: "1.28.2", Score: 40}},
		{Name: "docker", Probe: &sdk.Probe{Reason: "no engine answers", Score: 90}},
		{Name: "podman", Probe: &sdk.Probe{Available: true, Version: "4.3.1", Score: 50}},
	}
	for name, tc := range map[string]struct {
		choice engine.Choice
		want   map[string]string
	}{
		"the best of those that work":                          {engine.Choice{}, map[string]string{"podman": "the best score"}},
		"the named one":                                        {engine.Choice{Name: "buildah", By: "ICC_BUILDER"}, map[string]string{"buildah": "named by ICC_BUILDER"}},
		"the named one, by its plugin":                         {engine.Choice{Name: "builder-buildah", By: "ICC_BUILDER"}, map[string]string{"buildah": "named by ICC_BUILDER"}},
		"nobody in place of a named one that is not available": {engine.Choice{Name: "docker", By: "--builder"}, map[string]string{}},
	} {
		got := map[string]string{}
		reasons := map[string]string{}
		for _, row := range builderRows(states, tc.choice) {
			if row.Chosen != "" {
				got[row.Name] = row.Chosen
			}
			if row.Reason != "" {
				reasons[row.Name] = row.Reason
			}
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(map[string]string{"broken": "the plugin crashed", "docker": "no engine answers"}, reasons); diff != "" {
			t.Errorf("%s: reasons (-want +got):\n%s", name, diff)
		}
	}
}
