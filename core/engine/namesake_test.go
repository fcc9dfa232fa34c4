package engine

import (
	"context"
	"testing"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// confused is a world whose plugin sees a second object that says it is web-1.
type confused struct{ *world }

func (c confused) Provider(context.Context, resource.Kind) (sdk.Provider, error) { return c, nil }

func (c confused) Plan(ctx context.Context, req sdk.PlanRequest) (*sdk.PlanResult, error) {
	out, err := c.world.Plan(ctx, req)
	if err == nil && req.Kind == resource.KindInstance {
		web := ref(resource.KindInstance, "web-1")
		out.States = append(out.States, resource.State{Ref: web, IncusName: "copy", Exists: true, Status: resource.StatusStopped})
		out.Changes = append(out.Changes, resource.Change{Ref: web, Class: resource.ClassDelete, Reason: "one too many"})
	}
	return out, err
}

func TestWhatIsDeclaredIsNotTakenForItsNamesake(t *testing.T) {
	t.Parallel()
	e := New(Config{Plugins: confused{complete()}})
	m, err := e.Resolve(t.Context(), shop())
	if err != nil {
		t.Fatal(err)
	}
	o, err := e.Observe(t.Context(), m, nil, resource.NewOptions())
	if err != nil {
		t.Fatal(err)
	}
	if p := Up(m, o, UpOptions{RemoveOrphans: true}); !p.Empty() {
		t.Errorf("the plan is %+v", p.Steps)
	}
}
