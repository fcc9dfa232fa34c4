package engine

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/icc-project/icc/sdk/resource"
)

func TestWhatIsForetoldIsPlannedWithAndNotRunWith(t *testing.T) {
	t.Parallel()
	data, db := ref(resource.KindStorageVolume, "data"), ref(resource.KindInstance, "db-1")
	w := newWorld(slices.DeleteFunc(running(shop()), func(s resource.State) bool { return s.Ref == data || s.Ref == db })...)
	w.foretold = map[resource.Ref]json.RawMessage{data: json.RawMessage(`"foretold"`)}
	given := func(call string) string {
		for _, in := range w.inputs[call] {
			if in.Ref == data {
				return string(in.Outputs)
			}
		}
		return ""
	}

	e, m, o := look(t, w, shop())
	if got := given("plan instance"); got != `"foretold"` {
		t.Errorf("the instances are planned with the volume %s", got)
	}
	if _, err := e.Apply(t.Context(), Up(m, o, UpOptions{})); err != nil {
		t.Fatal(err)
	}
	if got := given("ensure instance/db-1"); got != `"outputs of storage-volume/data"` {
		t.Errorf("the instance is made with the volume %s", got)
	}
}
