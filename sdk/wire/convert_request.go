package wire

import (
	"maps"

	"github.com/icc-project/icc/sdk"
	pb "github.com/icc-project/icc/sdk/proto/icc/plugin/v1"
	"github.com/icc-project/icc/sdk/resource"
)

func encodeResolution(r *sdk.Resolution) *pb.ResolveResponse {
	return &pb.ResolveResponse{
		Resolved:    each(r.Resolved, encodeResolved),
		Diagnostics: each(r.Diagnostics, encodeDiagnostic),
	}
}

func decodeResolution(r *pb.ResolveResponse) *sdk.Resolution {
	return &sdk.Resolution{
		Resolved:    each(r.GetResolved(), decodeResolved),
		Diagnostics: each(r.GetDiagnostics(), decodeDiagnostic),
	}
}

func encodePlanRequest(r sdk.PlanRequest) *pb.PlanRequest {
	return &pb.PlanRequest{
		Kind:     string(r.Kind),
		Resolved: each(r.Resolved, encodeResolved),
		Inputs:   each(r.Inputs, encodeInput),
		Options:  encodeOptions(r.Options),
		Snapshot: r.Snapshot,
	}
}

func decodePlanRequest(r *pb.PlanRequest) sdk.PlanRequest {
	return sdk.PlanRequest{
		Kind:     resource.Kind(r.GetKind()),
		Resolved: each(r.GetResolved(), decodeResolved),
		Inputs:   each(r.GetInputs(), decodeInput),
		Options:  decodeOptions(r.GetOptions()),
		Snapshot: r.GetSnapshot(),
	}
}

func encodePlanResult(r *sdk.PlanResult) *pb.PlanResponse {
	return &pb.PlanResponse{
		Changes:     each(r.Changes, encodeChange),
		States:      each(r.States, encodeState),
		Diagnostics: each(r.Diagnostics, encodeDiagnostic),
		Drift:       each(r.Drift, encodeChange),
	}
}

func decodePlanResult(r *pb.PlanResponse) *sdk.PlanResult {
	return &sdk.PlanResult{
		Changes:     each(r.GetChanges(), decodeChange),
		States:      each(r.GetStates(), decodeState),
		Diagnostics: each(r.GetDiagnostics(), decodeDiagnostic),
		Drift:       each(r.GetDrift(), decodeChange),
	}
}

func encodeRunRequest(r sdk.RunRequest) *pb.RunRequest {
	return &pb.RunRequest{
		Resource: encodeResolved(r.Resource),
		Action:   string(r.Action),
		Change:   encodeChange(r.Change),
		State:    encodeState(r.State),
		Inputs:   each(r.Inputs, encodeInput),
		Options:  encodeOptions(r.Options),
	}
}

func decodeRunRequest(r *pb.RunRequest) sdk.RunRequest {
	return sdk.RunRequest{
		Resource: decodeResolved(r.GetResource()),
		Action:   resource.Action(r.GetAction()),
		Change:   decodeChange(r.GetChange()),
		State:    decodeState(r.GetState()),
		Inputs:   each(r.GetInputs(), decodeInput),
		Options:  decodeOptions(r.GetOptions()),
	}
}

func encodeRunResult(r *sdk.RunResult) *pb.Result {
	return &pb.Result{
		Outputs: r.Outputs,
		Created: r.Created,
		Changed: r.Changed,
		Needs: each(r.Needs, func(n sdk.Need) *pb.Need {
			return &pb.Need{Kind: string(n.Kind), Name: n.Name, Request: n.Request}
		}),
	}
}

func decodeRunResult(r *pb.Result) *sdk.RunResult {
	return &sdk.RunResult{
		Outputs: raw(r.GetOutputs()),
		Created: r.GetCreated(),
		Changed: r.GetChanged(),
		Needs: each(r.GetNeeds(), func(n *pb.Need) sdk.Need {
			return sdk.Need{Kind: resource.Kind(n.GetKind()), Name: n.GetName(), Request: raw(n.GetRequest())}
		}),
	}
}

func encodeCallRequest(r sdk.CallRequest) *pb.CallRequest {
	return &pb.CallRequest{
		Resource: encodeResolved(r.Resource),
		State:    encodeState(r.State),
		Verb:     r.Verb,
		Request:  r.Request,
	}
}

func decodeCallRequest(r *pb.CallRequest) sdk.CallRequest {
	return sdk.CallRequest{
		Resource: decodeResolved(r.GetResource()),
		State:    decodeState(r.GetState()),
		Verb:     r.GetVerb(),
		Request:  raw(r.GetRequest()),
	}
}

func encodeWindow(w sdk.WindowSize) *pb.WindowSize {
	return &pb.WindowSize{Width: uint32(max(w.Width, 0)), Height: uint32(max(w.Height, 0))}
}

func decodeWindow(w *pb.WindowSize) sdk.WindowSize {
	return sdk.WindowSize{Width: int(w.GetWidth()), Height: int(w.GetHeight())}
}

func encodeSessionStart(r sdk.SessionRequest) *pb.SessionStart {
	return &pb.SessionStart{
		Resource:    encodeResolved(r.Resource),
		State:       encodeState(r.State),
		Verb:        r.Verb,
		Args:        words[string](r.Args),
		Environment: maps.Clone(r.Environment),
		WorkingDir:  r.WorkingDir,
		User:        r.User,
		Tty:         r.TTY,
		Stdin:       r.Stdin,
		Window:      encodeWindow(r.Window),
	}
}

func decodeSessionStart(r *pb.SessionStart) sdk.SessionRequest {
	return sdk.SessionRequest{
		Resource:    decodeResolved(r.GetResource()),
		State:       decodeState(r.GetState()),
		Verb:        r.GetVerb(),
		Args:        words[string](r.GetArgs()),
		Environment: maps.Clone(r.GetEnvironment()),
		WorkingDir:  r.GetWorkingDir(),
		User:        r.GetUser(),
		TTY:         r.GetTty(),
		Stdin:       r.GetStdin(),
		Window:      decodeWindow(r.GetWindow()),
	}
}
