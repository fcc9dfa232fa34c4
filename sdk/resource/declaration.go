package resource

import (
	"encoding/json"
	"slices"
)

// Declaration is one wanted resource, as a compose file states it.
type Declaration struct {
	Ref
	// Config is the kind's configuration; its JSON Schema is part of the plugin's description.
	Config    json.RawMessage `json:"config"`
	DependsOn []Edge          `json:"depends_on,omitempty"`
	Position  Position        `json:"position,omitzero"`
}

// Resolved is a declaration that its plugin has completed without asking the server.
type Resolved struct {
	Ref
	// IncusName is the object's name on the server.
	IncusName string          `json:"incus_name"`
	Priority  int             `json:"priority"`
	Actions   []Action        `json:"actions"`
	Config    json.RawMessage `json:"config,omitempty"`
	DependsOn []Edge          `json:"depends_on,omitempty"`
	Position  Position        `json:"position,omitzero"`
}

// SupportsAction says whether the action can be run on the resource.
func SupportsAction(r Resolved, a Action) bool { return slices.Contains(r.Actions, a) }

// ByKind returns the resources of one kind in their given order.
func ByKind(rs []Resolved, k Kind) []Resolved {
	var out []Resolved
	for _, r := range rs {
		if r.Kind == k {
			out = append(out, r)
		}
	}
	return out
}

// Severity of a Diagnostic.
type Severity string

// The severities. An error keeps a run from starting.
const (
	SeverityInfo    Severity = "info"
	SeverityWarning Severity = "warning"
	SeverityError   Severity = "error"
)

// Diagnostic is a finding about a declaration: what is wrong, where, and what to do about it.
type Diagnostic struct {
	Severity Severity `json:"severity"`
	Ref      Ref      `json:"ref,omitzero"`
	Position Position `json:"position,omitzero"`
	Text     string   `json:"text"`
	Hint     string   `json:"hint,omitempty"`
}
