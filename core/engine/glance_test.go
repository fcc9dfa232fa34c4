package engine

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// outlook is a world whose plugins can look, all but that of networks; it writes down what their plans were given.
type outlook struct {
	*world
	mu    sync.Mutex
	given map[resource.Kind]string
}

func (o *outlook) Provider(context.Context, resource.Kind) (sdk.Provider, error) { return o, nil }

func (o *outlook) Look(_ context.Context, kind resource.Kind) (json.RawMessage, error) {
	if kind == resource.KindNetwork {
		return json.RawMessage(`"half a look"`), errors.New("no view")
	}
	return json.Marshal("a look at " + kind)
}

func (o *outlook) Plan(ctx context.Context, req sdk.PlanRequest) (*sdk.PlanResult, error) {
	o.mu.Lock()
	o.given[req.Kind] = string(req.Snapshot)
	o.mu.Unlock()
	return o.world.Plan(ctx, req)
}

func TestAGlanceServesTheKindsThatItSawOnce(t *testing.T) {
	t.Parallel()
	w := &outlook{world: newWorld(running(shop())...), given: map[resource.Kind]string{}}
	e := New(Config{Plugins: w})
	m, err := e.Resolve(t.Context(), shop())
	if err != nil {
		t.Fatal(err)
	}
	glance := e.Look(t.Context(), resource.KindNetwork, resource.KindInstance, resource.KindProfile)
	for _, want := range []map[resource.Kind]string{
		{
			resource.KindInstance: `"a look at instance"`, resource.KindNetwork: "",
			resource.KindProject: "", resource.KindImage: "", resource.KindStorageVolume: "", // nobody looked at them
		},
		{
			resource.KindInstance: "", resource.KindNetwork: "",
			resource.KindProject: "", resource.KindImage: "", resource.KindStorageVolume: "",
		},
	} {
		clear(w.given)
		o, err := e.ObserveFrom(t.Context(), glance, m, nil, resource.NewOptions())
		if err != nil {
			t.Fatal(err)
		}
		if len(o.States) != len(shop()) {
			t.Errorf("%d resources were seen, want %d", len(o.States), len(shop()))
		}
		if diff := cmp.Diff(want, w.given); diff != "" {
			t.Errorf("plans were given (-want +got):\n%s", diff)
		}
	}
}
