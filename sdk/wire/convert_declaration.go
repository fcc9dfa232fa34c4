package wire

import (
	pb "github.com/icc-project/icc/sdk/proto/icc/plugin/v1"
	"github.com/icc-project/icc/sdk/resource"
)

func encodeRef(r resource.Ref) *pb.Ref {
	return &pb.Ref{Kind: string(r.Kind), Name: r.Name}
}

func decodeRef(r *pb.Ref) resource.Ref {
	return resource.Ref{Kind: resource.Kind(r.GetKind()), Name: r.GetName()}
}

func encodePosition(p resource.Position) *pb.Position {
	return &pb.Position{File: legible(p.File), Line: int32(p.Line), Path: legible(p.Path)}
}

func decodePosition(p *pb.Position) resource.Position {
	return resource.Position{File: p.GetFile(), Line: int(p.GetLine()), Path: p.GetPath()}
}

func encodeEdge(e resource.Edge) *pb.Edge {
	return &pb.Edge{To: encodeRef(e.To), Condition: string(e.Condition), Optional: e.Optional, Restart: e.Restart}
}

func decodeEdge(e *pb.Edge) resource.Edge {
	return resource.Edge{
		To:        decodeRef(e.GetTo()),
		Condition: resource.Condition(e.GetCondition()),
		Optional:  e.GetOptional(),
		Restart:   e.GetRestart(),
	}
}

func encodeDeclaration(d resource.Declaration) *pb.Declaration {
	return &pb.Declaration{
		Ref:       encodeRef(d.Ref),
		Config:    d.Config,
		DependsOn: each(d.DependsOn, encodeEdge),
		Position:  encodePosition(d.Position),
	}
}

func decodeDeclaration(d *pb.Declaration) resource.Declaration {
	return resource.Declaration{
		Ref:       decodeRef(d.GetRef()),
		Config:    raw(d.GetConfig()),
		DependsOn: each(d.GetDependsOn(), decodeEdge),
		Position:  decodePosition(d.GetPosition()),
	}
}

func encodeResolved(r resource.Resolved) *pb.Resolved {
	return &pb.Resolved{
		Ref:       encodeRef(r.Ref),
		IncusName: r.IncusName,
		Priority:  int32(r.Priority),
		Actions:   words[string](r.Actions),
		Config:    r.Config,
		DependsOn: each(r.DependsOn, encodeEdge),
		Position:  encodePosition(r.Position),
	}
}

func decodeResolved(r *pb.Resolved) resource.Resolved {
	return resource.Resolved{
		Ref:       decodeRef(r.GetRef()),
		IncusName: r.GetIncusName(),
		Priority:  int(r.GetPriority()),
		Actions:   words[resource.Action](r.GetActions()),
		Config:    raw(r.GetConfig()),
		DependsOn: each(r.GetDependsOn(), decodeEdge),
		Position:  decodePosition(r.GetPosition()),
	}
}

func encodeDiagnostic(d resource.Diagnostic) *pb.Diagnostic {
	return &pb.Diagnostic{
		Severity: string(d.Severity),
		Ref:      encodeRef(d.Ref),
		Position: encodePosition(d.Position),
		Text:     legible(d.Text),
		Hint:     legible(d.Hint),
	}
}

func decodeDiagnostic(d *pb.Diagnostic) resource.Diagnostic {
	return resource.Diagnostic{
		Severity: resource.Severity(d.GetSeverity()),
		Ref:      decodeRef(d.GetRef()),
		Position: decodePosition(d.GetPosition()),
		Text:     d.GetText(),
		Hint:     d.GetHint(),
	}
}
