package initspec

import "time"

// Phases of the main process.
const (
	PhaseStarting   = "starting" // before the first start, also while AwaitAttach holds it back
	PhaseRunning    = "running"
	PhaseRestarting = "restarting" // it has ended and will be started again
	PhaseExited     = "exited"     // it has ended for good
	PhaseFailed     = "failed"     // icc-init could not run it: Error says why
)

// Reasons of an end.
const (
	ReasonExited      = "exited"
	ReasonSignal      = "signal"
	ReasonOOM         = "out-of-memory"
	ReasonStartFailed = "start-failed"
)

// LongestStay is how long after its start PID 1 may stay although the main process has ended for good and the State says so:
// Incus has to be done with the container's ports. One that is stopped does not stay.
const LongestStay = 5 * time.Second

// State is how the main process is doing. A container that is stopped while the phase is neither exited nor failed was
// killed from the outside, with icc-init, as `kill -9` would: exit code 137.
type State struct {
	Version int    `json:"version"`
	Phase   string `json:"phase"`
	// PID is the main process' inside the container while it runs.
	PID       int       `json:"pid,omitempty"`
	StartedAt time.Time `json:"started_at,omitzero"` // of the latest start
	// FinishedAt, ExitCode, Signal and Reason are those of the latest end. ExitCode is 128+n after signal n, 126 or 127
	// when the command could not be run.
	FinishedAt time.Time `json:"finished_at,omitzero"`
	ExitCode   int       `json:"exit_code"`
	Signal     string    `json:"signal,omitempty"` // "SIGKILL"
	Reason     string    `json:"reason,omitempty"`
	// Error is one line for people: why the start failed.
	Error string `json:"error,omitempty"`
	// Restarts counts the automatic ones since the container's start.
	Restarts int          `json:"restarts,omitempty"`
	Health   *HealthState `json:"health,omitempty"`
	// Orders is the Digest of the Spec that is in force; empty when icc-init is too old for AppletReload.
	Orders string `json:"orders,omitempty"`
}

// Ended reports whether the main process has ended for good.
func (s *State) Ended() bool { return s.Phase == PhaseExited || s.Phase == PhaseFailed }

// Health statuses; they are those of sdk/resource.
const (
	HealthStarting  = "starting"
	HealthHealthy   = "healthy"
	HealthUnhealthy = "unhealthy"
)

// HealthState is what the health tests have shown.
type HealthState struct {
	Status        string `json:"status"`
	FailingStreak int    `json:"failing_streak"`
	// Log has the latest five results, oldest first.
	Log []HealthResult `json:"log,omitempty"`
}

// HealthResult is one test. The names in JSON are Docker's.
type HealthResult struct {
	Start    time.Time `json:"Start"`
	End      time.Time `json:"End"`
	ExitCode int       `json:"ExitCode"` // -1 when it timed out
	Output   string    `json:"Output"`   // the first 4096 bytes
}
