package sdk

import (
	"context"
	"encoding/json"

	"github.com/icc-project/icc/sdk/resource"
)

// Provider manages resources of one or more kinds. It is driven through a fixed lifecycle:
//
//  1. Describe, at any time and before everything else. It is pure, and cached by the plugin file's hash.
//  2. Configure, once after each start of the plugin.
//  3. Resolve, with all declarations of the plugin's kinds at once. It asks nobody and always answers the same.
//  4. Plan, once per kind. It observes the server with a fixed number of questions and changes nothing.
//  5. Run, once per resource and action, concurrently. It does what Plan announced.
//
// A Provider keeps no state between calls but its Settings: configuration, observed state and the outputs of
// other resources come with each request, so a plugin may crash and be started again between any two calls.
// Every method honours its context and returns errors that wrap a sentinel of package resource.
type Provider interface {
	Describe(ctx context.Context) (*Description, error)
	Configure(ctx context.Context, s Settings) error
	Resolve(ctx context.Context, decls []resource.Declaration) (*Resolution, error)
	Plan(ctx context.Context, req PlanRequest) (*PlanResult, error)
	Run(ctx context.Context, req RunRequest, sink resource.Sink) (*RunResult, error)
}

// Sessions is an optional ability of a Provider: it connects a terminal or pipe to a resource.
type Sessions interface {
	// Session runs until the remote side ends and returns its exit code. io's channels are closed by the caller.
	Session(ctx context.Context, req SessionRequest, io SessionIO) (exitCode int, err error)
}

// Looker is an optional ability of a Provider: it lists what the server has before it is known what is wanted, so that
// listings of different kinds, and the reading of compose files, happen at the same time.
type Looker interface {
	// Look returns a listing of the kind in a form of the plugin's own. The Plan that follows gets it back.
	Look(ctx context.Context, kind resource.Kind) (json.RawMessage, error)
}

// Caller is an optional ability of a Provider: small verbs of its own, declared in its Description.
type Caller interface {
	Call(ctx context.Context, req CallRequest) (json.RawMessage, error)
}

// Resolution is the answer of Provider.Resolve.
type Resolution struct {
	Resolved    []resource.Resolved
	Diagnostics []resource.Diagnostic
}

// PlanRequest asks for the state of all resources of one kind, declared or left over.
type PlanRequest struct {
	Kind     resource.Kind
	Resolved []resource.Resolved
	// Inputs are the outputs of resources that Resolved depends on, as far as they are known before the run.
	Inputs  []resource.Input
	Options resource.Options
	// Snapshot is what Look has just returned; without one, Plan asks the server itself.
	Snapshot json.RawMessage
}

// PlanResult is the answer of Provider.Plan. States covers each Resolved, existing or not, and every object of
// this Compose project and kind that none of them names, with Declared false.
type PlanResult struct {
	Changes     []resource.Change
	States      []resource.State
	Diagnostics []resource.Diagnostic
	// Drift is what others than icc have changed on objects that icc made, each object once: Before is what icc wrote, as
	// far as that is known, After what is there. Fields of class none were never icc's and are left alone.
	Drift []resource.Change
}

// RunRequest asks for one action on one resource.
type RunRequest struct {
	// Resource has an empty Config for undeclared resources, which can only be stopped, deleted and read.
	Resource resource.Resolved
	Action   resource.Action
	// Change is what Plan said about the resource; Class is empty when nothing was planned.
	Change resource.Change
	// State is what Plan saw.
	State   resource.State
	Inputs  []resource.Input
	Options resource.Options
}

// Input returns the outputs of the resource ref, or nil when they did not come with the request.
func (r *RunRequest) Input(ref resource.Ref) json.RawMessage { return findInput(r.Inputs, ref) }

// Input returns the outputs of the resource ref, or nil when they are not known yet.
func (r *PlanRequest) Input(ref resource.Ref) json.RawMessage { return findInput(r.Inputs, ref) }

func findInput(inputs []resource.Input, ref resource.Ref) json.RawMessage {
	for _, in := range inputs {
		if in.Ref == ref {
			return in.Outputs
		}
	}
	return nil
}

// RunResult is what an action leaves behind.
type RunResult struct {
	// Outputs replaces the resource's outputs, which its dependents receive as inputs.
	Outputs json.RawMessage
	Created bool
	// Changed is false when the action found nothing to do.
	Changed bool
	// Needs asks the core for something; the action is then run again with the answers among its inputs.
	Needs []Need
}

// Need asks the core for something that the plugin cannot do itself. The answer comes as a resource.Input whose Ref
// is {Kind: need.Kind, Name: need.Name}.
type Need struct {
	Kind    resource.Kind
	Name    string
	Request json.RawMessage
}

// NeedBuild is the kind of a Need for an image build: the request is kinds.BuildRequest, the answer kinds.BuildResult.
const NeedBuild resource.Kind = "build"

// CallRequest asks for a declared verb.
type CallRequest struct {
	Resource resource.Resolved
	State    resource.State
	Verb     string
	Request  json.RawMessage
}
