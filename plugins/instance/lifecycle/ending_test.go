package lifecycle

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	incus "github.com/lxc/incus/v6/client"

	"github.com/icc-project/icc/sdk/initspec"
)

// lingering is a server with an instance that seems stopped, runs, and is stopped, which the server notes in the end.
type lingering struct {
	incus.InstanceServer
	seems, runs, forgets time.Time // until when
}

func (l lingering) GetInstance(string) (*api.Instance, string, error) {
	inst := &api.Instance{StatusCode: api.Stopped, InstancePut: api.InstancePut{Config: map[string]string{keyPower: powerOn}}}
	switch now := time.Now(); {
	case now.Before(l.seems):
	case now.Before(l.runs):
		inst.StatusCode = api.Running
	case now.Before(l.forgets):
	default:
		inst.Config[keyPower] = "STOPPED"
	}
	return inst, "", nil
}

// GetInstanceState tells of no process: what runs is being cleared away.
func (l lingering) GetInstanceState(string) (*api.InstanceState, string, error) {
	return &api.InstanceState{}, "", nil
}

func TestTheNoteOfAnEndIsAwaitedFromWhenTheInstanceHasStopped(t *testing.T) {
	t.Parallel()
	const stay, soon = initspec.LongestStay, initspec.LongestStay + noticeTime/2
	for name, tt := range map[string]struct{ runs, forgets, want time.Duration }{
		"it is noted at once":          {stay, stay, stay},
		"a busy server notes it later": {stay, soon, soon},
		"nobody notes it":              {stay, time.Hour, stay + noticeTime},
		"it never stops":               {time.Hour, time.Hour, clearTime},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				m := &Manager{Server: lingering{runs: begin.Add(tt.runs), forgets: begin.Add(tt.forgets)}, Name: "web-1"}
				_, err := m.cleared(t.Context())
				if took := time.Since(begin); err != nil || took < tt.want || took > tt.want+2*clearPeriod {
					t.Errorf("it was awaited for %v, %v", took, err)
				}
			})
		})
	}
}

func TestTheEndOfAnInstanceIsAwaitedForAsLongAsItMayStay(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ seems, runs, want time.Duration }{
		"icc-init keeps it for its ports":      {0, initspec.LongestStay, initspec.LongestStay},
		"it never stops":                       {0, time.Hour, endTime},
		"a busy server has not noticed yet":    {time.Second, 1500 * time.Millisecond, 1500 * time.Millisecond},
		"nobody noticed, for the power failed": {time.Hour, time.Hour, hookTime},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				m := &Manager{Server: lingering{seems: begin.Add(tt.seems), runs: begin.Add(tt.runs)}, Name: "web-1"}
				m.AwaitStopped(t.Context())
				if took := time.Since(begin); took < tt.want || took > tt.want+2*clearPeriod {
					t.Errorf("it was awaited for %v", took)
				}
			})
		})
	}
}
