package lifecycle

import (
	"context"
	"fmt"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/runtime"
	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/initspec"
)

// A container that has ended by itself takes the server a while to clear away: for some milliseconds it is Stopped, then
// Running again for half a second, then Stopped for good. What the server has noted last tells the first from the last.
const (
	keyPower = "volatile.last_state.power"
	powerOn  = "RUNNING"
)

const (
	// clearTime is how long the clearing away may take.
	clearTime = 10 * time.Second
	// noticeTime is how long the server may take to notice an end. After a power failure there is nothing to notice.
	noticeTime  = 500 * time.Millisecond
	clearPeriod = 20 * time.Millisecond
)

// cleared returns the instance once the server has cleared away a run that ended by itself. One that runs, or that was
// stopped before, it returns at once.
func (m *Manager) cleared(ctx context.Context) (*api.Instance, error) {
	for begin := time.Now(); ; {
		inst, _, err := observe.Get(m.Server, m.Name)
		if err != nil {
			return nil, fmt.Errorf("reading instance %q: %w", m.Name, err)
		}
		waited := time.Since(begin)
		switch {
		case inst.StatusCode == api.Stopped && (inst.Config[keyPower] != powerOn || waited > noticeTime),
			observe.Running(inst.StatusCode) && m.lives() && !m.ends(ctx, inst),
			inst.StatusCode != api.Stopped && !observe.Running(inst.StatusCode),
			waited > clearTime:
			return inst, nil
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(clearPeriod):
		}
	}
}

// ends says whether the command of an instance that runs has ended for good, so that icc-init is about to.
func (m *Manager) ends(ctx context.Context, inst *api.Instance) bool {
	place, ok := runtime.Locate(inst)
	if !ok || !spec.Supervised(inst.Config) {
		return false
	}
	state, _, err := m.Courier.For(place).State(ctx, place.Dir)
	return err == nil && state != nil && state.Ended()
}

// lives says whether there is a process behind what the server calls running. It cannot tell its state otherwise.
func (m *Manager) lives() bool {
	state, _, err := m.Server.GetInstanceState(m.Name)
	return err == nil && state.Pid > 0
}

const (
	// endTime is how long an instance may take to stop whose process has ended.
	endTime = initspec.LongestStay + time.Second
	// hookTime is noticeTime where nobody waits to start it: a busy server is slow to run the hook that tells it of the end.
	hookTime = 2 * time.Second
)

// AwaitStopped waits for the end of an instance whose process has ended, or is about to, as far as the server is
// concerned. It is for those who start or remove the instance next.
func (m *Manager) AwaitStopped(ctx context.Context) {
	begin, still := time.Now(), time.Time{} // since when it has been stopped, but noted as running
	for ; ctx.Err() == nil && time.Since(begin) < endTime; time.Sleep(clearPeriod) {
		inst, _, err := observe.Get(m.Server, m.Name)
		switch {
		case err != nil, inst.StatusCode == api.Stopped && inst.Config[keyPower] != powerOn:
			return
		case inst.StatusCode != api.Stopped:
			still = time.Time{}
		case still.IsZero():
			still = time.Now()
		case time.Since(still) > hookTime:
			return
		}
	}
}
