package resource

import "encoding/json"

// Class is how gently a change can be applied, from nothing at all to making the object anew.
type Class string

// The classes in rising order of disturbance; Delete stands apart.
const (
	ClassNone     Class = "none"
	ClassCreate   Class = "create"
	ClassLive     Class = "live"
	ClassRestart  Class = "restart"
	ClassRebuild  Class = "rebuild"
	ClassRecreate Class = "recreate"
	ClassDelete   Class = "delete"
)

// State is what the server has of a resource.
type State struct {
	Ref
	IncusName string `json:"incus_name"`
	Exists    bool   `json:"exists"`
	// Declared is false for objects of this Compose project that no declaration names (orphans).
	Declared bool `json:"declared"`
	// Status is a word of the kind, for example "running", "stopped" or "available".
	Status string `json:"status,omitempty"`
	// Outputs is the kind's output structure; see sdk/kinds. A plan may foretell those of what does not exist yet, so that
	// what needs it can be planned.
	Outputs json.RawMessage `json:"outputs,omitempty"`
	// External objects belong to somebody else: they are never changed or deleted.
	External bool `json:"external,omitempty"`
	// DependsOn are the edges recorded on the server, for runs without a compose file.
	DependsOn []Edge `json:"depends_on,omitempty"`
	// Persistent objects hold data or are worth keeping (volumes, images): `down` deletes them only when asked to.
	Persistent bool `json:"persistent,omitempty"`
	// Pending are the paths of changes that are written and take effect with the next start.
	Pending []string `json:"pending,omitempty"`
}

// The statuses the core understands. Kinds may have others.
const (
	StatusRunning   = "running"
	StatusStopped   = "stopped"
	StatusPaused    = "paused"
	StatusAvailable = "available"
	StatusMissing   = "missing"
)

// Change is what a plugin would do to bring a resource into its declared form, and why.
type Change struct {
	Ref
	Class  Class         `json:"class"`
	Reason string        `json:"reason,omitempty"`
	Fields []FieldChange `json:"fields,omitempty"`
}

// FieldChange is one differing field. Sensitive values are never filled in.
type FieldChange struct {
	Path string `json:"path"`
	// Compose is the field's name in a compose file, for example "ports" or "environment.WORD"; empty where it has none or
	// where Path is that name already.
	Compose   string `json:"compose,omitempty"`
	Before    string `json:"before,omitempty"`
	After     string `json:"after,omitempty"`
	Class     Class  `json:"class"`
	Sensitive bool   `json:"sensitive,omitempty"`
}

// Input is what another resource has put out, handed to the resources that depend on it.
type Input struct {
	Ref
	Outputs json.RawMessage `json:"outputs"`
}

// Name is what users know the field by: its name in a compose file where it has one.
func (f FieldChange) Name() string {
	if f.Compose != "" {
		return f.Compose
	}
	return f.Path
}
