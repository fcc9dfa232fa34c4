package sdk_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

func TestCheckKindKnowsTheKindsOfThePluginOnly(t *testing.T) {
	t.Parallel()
	known := []resource.Kind{resource.KindProject, resource.KindProfile}
	for _, kind := range known {
		if err := sdk.CheckKind(kind, known...); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	err := sdk.CheckKind("poem", known...)
	if !errors.Is(err, resource.ErrUnknownResource) || !strings.Contains(err.Error(), "poem") {
		t.Errorf("another kind: %v, want %v that names it", err, resource.ErrUnknownResource)
	}
}
