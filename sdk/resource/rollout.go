package resource

import "time"

// The actions of rolling updates.
const (
	// ActionMonitor waits until a started resource is healthy, if it can be asked for that, and watches it for
	// Options.Timeout from then on. That it ends, is started again or becomes unhealthy meanwhile is an error.
	ActionMonitor Action = "monitor"
	// ActionRollback brings the resource back into the form that it had before the latest change that interrupted it, and
	// leaves it stopped.
	ActionRollback Action = "rollback"
	// ActionReroute leads requests from some resources to others. The core does it with VerbReroute.
	ActionReroute Action = "reroute"
	// ActionHold lets Options.Timeout pass. The core does it itself.
	ActionHold Action = "hold"
)

// VerbReroute is the verb of kinds that lead requests to other resources by name, such as networks. Its request is a
// Reroute, it has no answer.
const VerbReroute = "reroute"

// Reroute is the request of VerbReroute. What it changes lasts until the resource is ensured the next time.
type Reroute struct {
	// In are found from now on under the names that they are declared with, Out are not.
	In  []Ref `json:"in,omitempty"`
	Out []Ref `json:"out,omitempty"`
}

// UpdateOrder says what comes first when a replica is replaced.
type UpdateOrder string

// The orders; empty means StopFirst.
const (
	StopFirst  UpdateOrder = "stop-first"
	StartFirst UpdateOrder = "start-first"
)

// FailureAction says what becomes of a rolling update when a replica fails.
type FailureAction string

// The failure actions; empty means FailurePause.
const (
	FailurePause    FailureAction = "pause"    // stop there and leave everything as it is
	FailureContinue FailureAction = "continue" // go on with the next replicas
	FailureRollback FailureAction = "rollback" // bring what was changed back into its previous form
)

// UpdatePolicy says how the replicas of a service are changed one after the other.
type UpdatePolicy struct {
	// Parallelism is how many replicas are changed at once; 0 means all of them.
	Parallelism int `json:"parallelism"`
	// Delay passes between one batch of replicas and the next.
	Delay time.Duration `json:"delay,omitempty"`
	// Monitor is how long a changed replica is watched before it counts as one that works.
	Monitor time.Duration `json:"monitor,omitempty"`
	Order   UpdateOrder   `json:"order,omitempty"`
	// OnFailure is what happens when more than MaxFailureRatio (0 to 1) of the replicas have failed.
	OnFailure       FailureAction `json:"on_failure,omitempty"`
	MaxFailureRatio float64       `json:"max_failure_ratio,omitempty"`
}

// DefaultUpdatePolicy is what holds for what an update_config or rollback_config does not say.
func DefaultUpdatePolicy() UpdatePolicy {
	return UpdatePolicy{Parallelism: 1, Monitor: 5 * time.Second, Order: StopFirst, OnFailure: FailurePause}
}
