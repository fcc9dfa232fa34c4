package lifecycle

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	incus "github.com/lxc/incus/v6/client"

	"github.com/icc-project/icc/sdk/initspec"
)

// lingering is a server with an instance that runs until a time.
type lingering struct {
	incus.InstanceServer
	until time.Time
}

func (l lingering) GetInstance(string) (*api.Instance, string, error) {
	inst := &api.Instance{StatusCode: api.Running}
	if !time.Now().Before(l.until) {
		inst.StatusCode = api.Stopped
	}
	return inst, "", nil
}

func TestTheEndOfAnInstanceIsAwaitedForAsLongAsItMayStay(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ stays, want time.Duration }{
		"icc-init keeps it for its ports": {initspec.LongestStay, initspec.LongestStay},
		"it never stops":                  {time.Hour, endTime},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				m := &Manager{Server: lingering{until: begin.Add(tt.stays)}, Name: "web-1"}
				m.AwaitStopped(t.Context())
				if took := time.Since(begin); took < tt.want || took > tt.want+clearPeriod {
					t.Errorf("it was awaited for %v", took)
				}
			})
		})
	}
}
