package lifecycle

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// How long icc-init may take to start the command. It needs some milliseconds; busy machines need more.
const (
	settleTime  = time.Minute
	firstPause  = 4 * time.Millisecond
	longestWait = 100 * time.Millisecond
)

// settle waits until icc-init has started the command, so that what depends on this instance finds it started, and
// returns its state; nil when icc-init waits for somebody to attach.
func (m *Manager) settle(ctx context.Context, s *supervision) (*initspec.State, error) {
	until := time.Now().Add(settleTime)
	for pause := firstPause; ; pause = min(2*pause, longestWait) {
		state, raw, err := s.courier.State(ctx, s.dir)
		if err == nil && state != nil && raw != s.before && state.Phase != initspec.PhaseStarting {
			return state, nil
		}
		if pause == longestWait {
			if done, err := m.stuck(s); done || err != nil {
				return nil, err
			}
		}
		if time.Now().After(until) {
			return nil, resource.ErrTimeout.WithText(fmt.Sprintf("icc-init has not started the command of %s within %s", m.Name, settleTime)).
				WithHint("the server may be very busy; `icc ps` shows how it went").Wrap(err)
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}

// stuck looks why nothing has happened: icc-init may have ended, or be waiting as it was told to.
func (m *Manager) stuck(s *supervision) (waits bool, err error) {
	inst, _, err := observe.Get(m.Server, m.Name)
	if err != nil {
		return false, fmt.Errorf("reading instance %q after its start: %w", m.Name, err)
	}
	if orders := spec.Orders(inst.Config); orders != nil && orders.AwaitAttach {
		return true, nil
	}
	if inst.StatusCode != api.Stopped {
		return m.startedBefore(s, inst), nil
	}
	if _, raw, err := s.courier.State(context.Background(), s.dir); err == nil && raw != s.before {
		return false, nil // it has ended between the two questions; the next one tells how
	}
	return false, resource.ErrOperation.WithText(fmt.Sprintf("icc-init ended in %s before it could start the command", m.Name)).
		WithHint(fmt.Sprintf("`incus console --show-log %s` has what it said", m.Name))
}

// startedBefore reports whether what was seen before the start is of this very run: the start of another icc, which was
// killed meanwhile, was still going on, and Incus took both for one.
func (m *Manager) startedBefore(s *supervision, inst *api.Instance) bool {
	state, raw, err := s.courier.State(context.Background(), s.dir)
	return err == nil && raw == s.before && runsSince(state, inst.LastUsedAt)
}

// runsSince reports whether a state is that of a run that began with the start at that time. There is no state before
// icc-init has written the first one.
func runsSince(state *initspec.State, start time.Time) bool {
	return state != nil && state.Phase == initspec.PhaseRunning && !start.IsZero() && !state.StartedAt.Before(start)
}

// startFailure is the error of a command that could not be run; nil for every other end.
func (m *Manager) startFailure(state *initspec.State) error {
	if state == nil || state.Phase == initspec.PhaseRunning || state.Phase != initspec.PhaseFailed && state.Reason != initspec.ReasonStartFailed {
		return nil
	}
	text := state.Error
	if text == "" {
		text = fmt.Sprintf("it ended with the exit code %d", state.ExitCode)
	}
	hint := "correct `command`, `entrypoint`, `user` or `working_dir` in the compose file, or use another image"
	switch {
	case strings.HasPrefix(text, "unknown user"), strings.HasPrefix(text, "unknown group"):
		hint = "the image's /etc/passwd and /etc/group have no such name: correct `user` or `group_add` in the compose file, or write a number"
	case strings.HasPrefix(text, "unknown capability"):
		hint = "correct `cap_add` and `cap_drop` in the compose file: names such as NET_ADMIN, or ALL"
	case strings.Contains(text, "too long"):
		hint = "hand large things over in a file: `configs`, `secrets` or a volume"
	case state.ExitCode == codeNotFound:
		hint = "does the image have that command? correct `command` or `entrypoint` in the compose file"
	case state.ExitCode == codeNotExecutable:
		hint = "is it a program for this machine, with the permission to be run? " + hint
	}
	if strings.HasPrefix(text, "reading the spec:") {
		text, hint = "icc-init does not know what to run in "+m.Name+": "+text, "`icc up` writes it anew"
		if strings.Contains(text, keyGuestAPI) {
			hint = fmt.Sprintf("`incus config set %s %s=true` in its Incus project", m.Name, keyGuestAPI)
		}
		return resource.ErrOperation.WithText(text).WithHint(hint)
	}
	return resource.ErrOperation.WithText(fmt.Sprintf("the command of %s cannot be run: %s", m.Name, text)).WithHint(hint)
}

// keyGuestAPI is the switch of the guest API, which icc-init reads its orders through. It is on by default.
const keyGuestAPI = "security.guestapi"

// Exit codes of commands that could not be run.
const (
	codeNotExecutable = 126
	codeNotFound      = 127
)
