package sdk

import (
	"context"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// Builder builds images with a tool of the host. It knows nothing of Incus: it takes a build section and leaves
// an OCI image behind.
type Builder interface {
	Describe(ctx context.Context) (*Description, error)
	Configure(ctx context.Context, s Settings) error
	// Probe says whether the tool is there and how well it suits. It never fails for a missing tool.
	Probe(ctx context.Context) (*Probe, error)
	// Build runs the tool. When ctx ends, the tool's whole process group ends, and what it left is removed.
	Build(ctx context.Context, req kinds.BuildRequest, sink resource.Sink) (*kinds.BuildResult, error)
}

// Probe is a builder's answer to whether it can be used.
type Probe struct {
	Available bool     `json:"available"`
	Version   string   `json:"version,omitempty"`
	Platforms []string `json:"platforms,omitempty"`
	// Score orders the available builders; the highest wins.
	Score int `json:"score"`
	// Reason says why the builder is not available.
	Reason string `json:"reason,omitempty"`
	// Unsupported lists the attributes of Compose's build section that the tool cannot honour.
	Unsupported []string `json:"unsupported,omitempty"`
}
