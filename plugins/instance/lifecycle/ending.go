package lifecycle

import (
	"context"
	"fmt"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/runtime"
	"github.com/icc-project/icc/plugins/instance/spec"
	sdkincus "github.com/icc-project/icc/sdk/incus"
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
	clearTime = 20 * time.Second
	// noticeTime is how long the server may take to notice an end that icc-init knows nothing of. After a power failure
	// there is nothing to notice.
	noticeTime = 500 * time.Millisecond
	// hookTime is noticeTime where the command has ended: a busy server is slow to run the hook that tells it.
	hookTime    = 10 * time.Second
	clearPeriod = 20 * time.Millisecond
)

// cleared returns the instance once the server has cleared away a run that ended by itself. One that runs, or that was
// stopped before, it returns at once.
func (m *Manager) cleared(ctx context.Context) (*api.Instance, error) {
	begin, still := time.Now(), unnoted{}
	for {
		inst, _, err := observe.Get(m.Server, m.Name)
		if err != nil {
			return nil, fmt.Errorf("reading instance %q: %w", m.Name, err)
		}
		waited := still.time(inst)
		switch {
		case inst.StatusCode == api.Stopped && (inst.Config[keyPower] != powerOn || waited > hookTime || waited > noticeTime && !m.ends(ctx, inst)),
			observe.Running(inst.StatusCode) && m.lives() && !m.ends(ctx, inst),
			inst.StatusCode != api.Stopped && !observe.Running(inst.StatusCode),
			time.Since(begin) > clearTime:
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

// endTime is how long an instance may take to stop whose process has ended: PID 1 may stay for its ports, and the server
// may be busy.
const endTime = initspec.LongestStay + 25*time.Second

// AwaitStopped waits for the end of an instance whose process has ended, or is about to, as far as the server is
// concerned, and reports whether it came. It is for those who start or remove the instance next.
func (m *Manager) AwaitStopped(ctx context.Context) bool {
	still := unnoted{}
	for begin := time.Now(); ctx.Err() == nil && time.Since(begin) < endTime; time.Sleep(clearPeriod) {
		inst, _, err := observe.Get(m.Server, m.Name)
		if err != nil {
			return sdkincus.IsNotFound(err)
		}
		waited := still.time(inst)
		if inst.StatusCode == api.Stopped && (inst.Config[keyPower] != powerOn || waited > hookTime) {
			return true
		}
	}
	return false
}

// unnoted is since when an instance has been stopped without a break while the server has noted it as running.
type unnoted struct{ since time.Time }

// time returns how long that has been by the latest look at the instance.
func (u *unnoted) time(inst *api.Instance) time.Duration {
	switch {
	case inst.StatusCode != api.Stopped || inst.Config[keyPower] != powerOn:
		u.since = time.Time{}
		return 0
	case u.since.IsZero():
		u.since = time.Now()
	}
	return time.Since(u.since)
}
