package resource

import (
	"fmt"
	"strings"
)

// Kind identifies a resource type, for example "instance".
type Kind string

// The built-in kinds. Plugins may bring others.
const (
	KindProject       Kind = "project"
	KindProfile       Kind = "profile"
	KindImage         Kind = "image"
	KindNetwork       Kind = "network"
	KindStorageVolume Kind = "storage-volume"
	KindInstance      Kind = "instance"
)

// Priorities order what is ready at the same time: lower ones are created first and deleted last.
// Real dependencies are edges; a priority never makes anything wait.
const (
	PriorityProject  = 1 << 8
	PriorityProfile  = 1 << 9
	PriorityImage    = 1 << 10
	PriorityNetwork  = 1 << 11
	PriorityVolume   = 1 << 12
	PriorityInstance = 1 << 13
)

// Ref names one resource of a Compose project: its kind and the name it was declared under,
// for example {network front} or {instance web-1}. It is comparable and serves as a map key.
type Ref struct {
	Kind Kind   `json:"kind"`
	Name string `json:"name"`
}

// String returns "kind/name", which ParseRef reads back.
func (r Ref) String() string { return string(r.Kind) + "/" + r.Name }

// ParseRef reads what Ref.String wrote. The name may contain slashes, the kind may not.
func ParseRef(s string) (Ref, error) {
	kind, name, ok := strings.Cut(s, "/")
	if !ok || kind == "" || name == "" {
		return Ref{}, ErrInvalidFormat.WithText(fmt.Sprintf("%q is not of the form kind/name", s))
	}
	return Ref{Kind: Kind(kind), Name: name}, nil
}

// Position is where in the compose files something was declared, for messages that name the place.
type Position struct {
	File string `json:"file,omitempty"`
	// Path is the place inside the document, for example "services.web.ports[0]".
	Path string `json:"path,omitempty"`
	// Line is the line in File, from 1; 0 when it is not known.
	Line int `json:"line,omitempty"`
}

// String returns "file:line: path", or what of it is known.
func (p Position) String() string {
	place := p.File
	if p.File != "" && p.Line > 0 {
		place = fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	if place != "" && p.Path != "" {
		return place + ": " + p.Path
	}
	return place + p.Path
}
