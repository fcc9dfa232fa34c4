package runstate

import (
	"errors"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// killed is the exit code of a process that SIGKILL has ended.
const killed = 128 + 9

// Fold adds what was read of an instance to its outputs.
func Fold(out *kinds.InstanceOutputs, inst *api.Instance, r Result) {
	if r.State == nil {
		if r.Err != nil && !errors.Is(r.Err, ErrNone) {
			out.Error = r.Err.Error()
			if observe.Running(inst.StatusCode) && out.Health != "" {
				out.Health = resource.HealthUnknown
			}
		}
		return
	}
	s := r.State
	out.Restarts = s.Restarts
	out.HealthLog = healthLog(s.Health)
	if observe.Running(inst.StatusCode) || inst.StatusCode == api.Frozen {
		foldRunning(out, s)
		return
	}
	exit := Ended(inst, s)
	out.ExitCode, out.ExitReason, out.Error = exit.Code, exit.Reason, exit.Error
	if s.Ended() {
		out.FinishedAt = s.FinishedAt
	}
}

func foldRunning(out *kinds.InstanceOutputs, s *initspec.State) {
	if s.Phase == initspec.PhaseRunning && !s.StartedAt.IsZero() {
		out.StartedAt = s.StartedAt
	}
	if s.Phase == initspec.PhaseRestarting || s.Ended() {
		code := s.ExitCode
		out.ExitCode, out.ExitReason, out.Error, out.FinishedAt = &code, s.Reason, s.Error, s.FinishedAt
		out.Restarting = s.Phase == initspec.PhaseRestarting
	}
	if out.Health != "" && s.Health != nil && out.Health != resource.HealthHealthy {
		out.Health = health(s.Health.Status)
	}
}

// health returns a status as the resource model has it. The server's Ready is faster than the file, so a file that says
// healthy of an instance that is not Ready is about to be followed by it.
func health(status string) string {
	switch status {
	case initspec.HealthStarting, initspec.HealthHealthy, initspec.HealthUnhealthy:
		return status
	}
	return resource.HealthUnknown
}

func healthLog(h *initspec.HealthState) []kinds.HealthResult {
	if h == nil {
		return nil
	}
	var out []kinds.HealthResult
	for _, r := range h.Log {
		out = append(out, kinds.HealthResult(r))
	}
	return out
}

// Exit is how a main process ended; Code is nil when nobody knows.
type Exit struct {
	Code   *int
	Reason string
	Error  string
}

// Ended tells how the main process of a stopped instance ended. When icc-init did not live to see it, both were killed
// from the outside; of a command that is PID 1 itself, nobody knows.
func Ended(inst *api.Instance, s *initspec.State) Exit {
	if s.Ended() {
		code := s.ExitCode
		return Exit{&code, s.Reason, s.Error}
	}
	if orders := spec.Orders(inst.Config); orders != nil && orders.Takeover {
		return Exit{}
	}
	code := killed
	return Exit{&code, initspec.ReasonSignal, ""}
}
