package resource_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/icc-project/icc/sdk/resource"
)

func TestARefReadsBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ref := resource.Ref{
			Kind: resource.Kind(rapid.StringMatching(`[a-z][a-z-]*`).Draw(t, "kind")),
			Name: rapid.StringMatching(`.+`).Draw(t, "name"),
		}
		got, err := resource.ParseRef(ref.String())
		if err != nil || got != ref {
			t.Fatalf("%q: got %+v, %v", ref, got, err)
		}
	})
}

func TestParsingRefs(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]resource.Ref{
		"instance/web-1":            {Kind: "instance", Name: "web-1"},
		"image/ghcr.io/org/app:1.2": {Kind: "image", Name: "ghcr.io/org/app:1.2"},
		"network//":                 {Kind: "network", Name: "/"},
		"":                          {},
		"web":                       {},
		"/web":                      {},
		"instance/":                 {},
	} {
		got, err := resource.ParseRef(in)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", in, diff)
		}
		if refused := want == (resource.Ref{}); refused != errors.Is(err, resource.ErrInvalidFormat) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func TestAPositionSaysWhatIsKnown(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]resource.Position{
		"":                             {},
		"compose.yaml":                 {File: "compose.yaml"},
		"compose.yaml:7":               {File: "compose.yaml", Line: 7},
		"compose.yaml: services.web":   {File: "compose.yaml", Path: "services.web"},
		"compose.yaml:7: services.web": {File: "compose.yaml", Path: "services.web", Line: 7},
		"services.web":                 {Path: "services.web", Line: 7},
	} {
		if got := p.String(); got != want {
			t.Errorf("%+v: got %q, want %q", p, got, want)
		}
	}
}

func TestResourcesAreFoundByKindAndAction(t *testing.T) {
	t.Parallel()
	web, db := resolved(resource.KindInstance, "web-1", "a"), resolved(resource.KindInstance, "db-1", "b")
	web.Actions = []resource.Action{resource.ActionEnsure, resource.ActionStart}
	all := []resource.Resolved{web, resolved(resource.KindNetwork, "front", "c"), db}

	if diff := cmp.Diff([]string{"instance/web-1", "instance/db-1"}, names(resource.ByKind(all, resource.KindInstance))); diff != "" {
		t.Errorf("instances (-want +got):\n%s", diff)
	}
	if got := resource.ByKind(all, resource.KindImage); len(got) != 0 {
		t.Errorf("images: %v", got)
	}
	if !resource.SupportsAction(web, resource.ActionStart) || resource.SupportsAction(web, resource.ActionDelete) {
		t.Error("web-1 can be started and not deleted")
	}
}
