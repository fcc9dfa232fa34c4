package kinds

import "time"

// The verbs of projects by which runs of icc change a Compose project one after the other.
const (
	// CallLock takes a LockRequest and answers a LockAnswer. The lock is the run's, as the settings name it.
	CallLock = "lock"
	// CallRenew takes a LockRenewal. It fails with resource.ErrNotFound when the run does not have the lock any more.
	CallRenew = "renew-lock"
	// CallUnlock gives the lock back. Without one it does nothing.
	CallUnlock = "unlock"
)

// LockHolder says who changes a Compose project.
type LockHolder struct {
	// Run is the run of icc, as in sdk.Settings; empty when it is not known.
	Run string `json:"run,omitempty"`
	// Who is a person's "user@host", Command what icc does, for example "up".
	Who     string `json:"who,omitempty"`
	Command string `json:"command,omitempty"`
	// Process identifies the process to those on the same machine.
	Process string    `json:"process,omitempty"`
	Since   time.Time `json:"since,omitzero"`
	// Beat counts how often the lock was renewed. One that stands still belongs to a run that was killed.
	Beat int `json:"beat,omitempty"`
}

// LockRequest asks for the lock.
type LockRequest struct {
	Holder LockHolder `json:"holder"`
	// Busy says that somebody else had the lock a moment ago: only look, unless it is free.
	Busy bool `json:"busy,omitempty"`
	// Dead is a run that was killed. Its lock is removed if nobody has renewed it since.
	Dead *LockHolder `json:"dead,omitempty"`
}

// LockAnswer says who has the lock.
type LockAnswer struct {
	// Other has the lock instead; nil means that it was taken.
	Other *LockHolder `json:"other,omitempty"`
}

// LockRenewal shows that the run lives.
type LockRenewal struct {
	Beat int `json:"beat"`
}
