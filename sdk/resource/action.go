package resource

// Action is something that can be done with a resource. Plugins may declare further ones.
type Action string

// The actions of the built-in kinds.
const (
	ActionEnsure Action = "ensure" // bring the object into existence and into its declared form
	ActionDelete Action = "delete"
	ActionStart  Action = "start"
	ActionStop   Action = "stop"
	ActionLog    Action = "log"
	ActionWait   Action = "wait" // block until the resource is healthy (Options.Timeout bounds it)
	// ActionComplete blocks until the resource has ended its work; ending with a failure is an error.
	ActionComplete Action = "complete"
	// ActionWatch looks after the existing resources of a kind until its context ends. It names no resource.
	ActionWatch Action = "watch"
)

// Condition says how far a dependency must have come.
type Condition string

// The conditions of an Edge. Ensured is about existence, Started, Healthy and Completed are those of Compose's
// depends_on.
const (
	ConditionEnsured   Condition = "ensured"
	ConditionStarted   Condition = "started"
	ConditionHealthy   Condition = "healthy"
	ConditionCompleted Condition = "completed"
	// ConditionPrepared is Completed of a resource that is there for that only: it is brought up when a dependent starts
	// while no other one runs, and deleted afterwards.
	ConditionPrepared Condition = "prepared"
)

// Edge says that a resource needs another one in a certain condition.
// Ensured edges hold back the ensuring of the dependent, all others hold back its start.
type Edge struct {
	To        Ref       `json:"to"`
	Condition Condition `json:"condition,omitempty"`
	// Optional edges are dropped when the target is not part of the run.
	Optional bool `json:"optional,omitempty"`
	// Restart asks for a restart of the dependent after the target was restarted.
	Restart bool `json:"restart,omitempty"`
}
