package wire

import (
	"time"

	pb "github.com/icc-project/icc/sdk/proto/icc/plugin/v1"
	"github.com/icc-project/icc/sdk/resource"
)

func encodeInput(i resource.Input) *pb.Input {
	return &pb.Input{Ref: encodeRef(i.Ref), Outputs: i.Outputs}
}

func decodeInput(i *pb.Input) resource.Input {
	return resource.Input{Ref: decodeRef(i.GetRef()), Outputs: raw(i.GetOutputs())}
}

func encodeState(s resource.State) *pb.State {
	return &pb.State{
		Ref:        encodeRef(s.Ref),
		IncusName:  s.IncusName,
		Exists:     s.Exists,
		Declared:   s.Declared,
		Status:     s.Status,
		Outputs:    s.Outputs,
		External:   s.External,
		DependsOn:  each(s.DependsOn, encodeEdge),
		Persistent: s.Persistent,
		Pending:    s.Pending,
	}
}

func decodeState(s *pb.State) resource.State {
	return resource.State{
		Ref:        decodeRef(s.GetRef()),
		IncusName:  s.GetIncusName(),
		Exists:     s.GetExists(),
		Declared:   s.GetDeclared(),
		Status:     s.GetStatus(),
		Outputs:    raw(s.GetOutputs()),
		External:   s.GetExternal(),
		DependsOn:  each(s.GetDependsOn(), decodeEdge),
		Persistent: s.GetPersistent(),
		Pending:    s.GetPending(),
	}
}

func encodeChange(c resource.Change) *pb.Change {
	return &pb.Change{
		Ref:    encodeRef(c.Ref),
		Class:  string(c.Class),
		Reason: legible(c.Reason),
		Fields: each(c.Fields, encodeField),
	}
}

func decodeChange(c *pb.Change) resource.Change {
	return resource.Change{
		Ref:    decodeRef(c.GetRef()),
		Class:  resource.Class(c.GetClass()),
		Reason: c.GetReason(),
		Fields: each(c.GetFields(), decodeField),
	}
}

// encodeField drops the values of sensitive fields, whatever the plugin filled in.
func encodeField(f resource.FieldChange) *pb.FieldChange {
	out := &pb.FieldChange{Path: legible(f.Path), Compose: legible(f.Compose), Class: string(f.Class), Sensitive: f.Sensitive}
	if !f.Sensitive {
		out.Before, out.After = legible(f.Before), legible(f.After)
	}
	return out
}

func decodeField(f *pb.FieldChange) resource.FieldChange {
	return resource.FieldChange{
		Path:      f.GetPath(),
		Compose:   f.GetCompose(),
		Before:    f.GetBefore(),
		After:     f.GetAfter(),
		Class:     resource.Class(f.GetClass()),
		Sensitive: f.GetSensitive(),
	}
}

func encodeOptions(o resource.Options) *pb.Options {
	return &pb.Options{
		Create:              o.Create,
		Force:               o.Force,
		TimeoutNs:           int64(o.Timeout),
		DependencyTimeoutNs: int64(o.DependencyTimeout),
		Follow:              o.Follow,
		Tail:                int64(o.Tail),
		Timestamps:          o.Timestamps,
		Since:               o.Since,
		Until:               o.Until,
		Signal:              o.Signal,
		Pull:                string(o.Pull),
		Build:               string(o.Build),
		NoHealthd:           o.NoHealthd,
		RevertDrift:         o.RevertDrift,
		KeepRunning:         o.KeepRunning,
	}
}

func decodeOptions(o *pb.Options) resource.Options {
	return resource.Options{
		Create:            o.GetCreate(),
		Force:             o.GetForce(),
		Timeout:           time.Duration(o.GetTimeoutNs()),
		DependencyTimeout: time.Duration(o.GetDependencyTimeoutNs()),
		Follow:            o.GetFollow(),
		Tail:              int(o.GetTail()),
		Timestamps:        o.GetTimestamps(),
		Since:             o.GetSince(),
		Until:             o.GetUntil(),
		Signal:            o.GetSignal(),
		Pull:              resource.PullMode(o.GetPull()),
		Build:             resource.BuildMode(o.GetBuild()),
		NoHealthd:         o.GetNoHealthd(),
		RevertDrift:       o.GetRevertDrift(),
		KeepRunning:       o.GetKeepRunning(),
	}
}
