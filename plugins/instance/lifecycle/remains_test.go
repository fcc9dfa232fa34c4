package lifecycle

import (
	"testing"
	"time"

	"github.com/lxc/incus/v6/shared/api"
)

func TestOnlyWhatHasNoPastIsTakenForHalfMade(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config map[string]string
		used   time.Time
		want   bool
	}{
		"created":                          {map[string]string{"volatile.apply_template": "create"}, time.Unix(0, 0), true},
		"hardly begun":                     {nil, time.Time{}, true},
		"copied":                           {map[string]string{"volatile.apply_template": "copy"}, time.Unix(0, 0), false},
		"restored from a backup":           {map[string]string{"volatile.last_state.power": "STOPPED"}, time.Unix(0, 0), false},
		"started":                          {map[string]string{"volatile.last_state.power": "RUNNING"}, time.Unix(1_790_000_000, 0), false},
		"used, whatever else the keys say": {map[string]string{"volatile.apply_template": "create"}, time.Unix(1_790_000_000, 0), false},
	} {
		inst := &api.Instance{LastUsedAt: c.used, InstancePut: api.InstancePut{Config: c.config}}
		if got := neverRan(inst); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
