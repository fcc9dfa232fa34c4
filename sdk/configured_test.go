package sdk_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk"
)

func TestSettingsAreThoseOfTheLatestConfigure(t *testing.T) {
	t.Parallel()
	var c sdk.Configured
	if diff := cmp.Diff(sdk.Settings{}, c.Settings()); diff != "" {
		t.Errorf("before Configure (-want +got):\n%s", diff)
	}
	for _, want := range []sdk.Settings{{ComposeProject: "shop"}, {ComposeProject: "blog", Remote: true}} {
		if err := c.Configure(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, c.Settings()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
