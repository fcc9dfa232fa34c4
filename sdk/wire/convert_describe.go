package wire

import (
	"github.com/icc-project/icc/sdk"
	pb "github.com/icc-project/icc/sdk/proto/icc/plugin/v1"
	"github.com/icc-project/icc/sdk/resource"
)

func encodeDescription(d *sdk.Description) *pb.DescribeResponse {
	out := &pb.DescribeResponse{
		Name:     d.Name,
		Version:  d.Version,
		Summary:  legible(d.Summary),
		Kinds:    each(d.Kinds, encodeKind),
		Features: words[string](d.Features),
	}
	if d.Builder != nil {
		out.Builder = &pb.BuilderInfo{Tool: d.Builder.Tool}
	}
	return out
}

func decodeDescription(d *pb.DescribeResponse) *sdk.Description {
	out := &sdk.Description{
		Name:     d.GetName(),
		Version:  d.GetVersion(),
		Summary:  d.GetSummary(),
		Kinds:    each(d.GetKinds(), decodeKind),
		Features: words[string](d.GetFeatures()),
	}
	if b := d.GetBuilder(); b != nil {
		out.Builder = &sdk.BuilderInfo{Tool: b.GetTool()}
	}
	return out
}

func encodeKind(k sdk.Kind) *pb.KindInfo {
	return &pb.KindInfo{
		Kind:          string(k.Kind),
		Priority:      int32(k.Priority),
		Actions:       words[string](k.Actions),
		ConfigSchema:  k.ConfigSchema,
		OutputsSchema: k.OutputsSchema,
		Sessions:      words[string](k.Sessions),
		Calls:         words[string](k.Calls),
		NeedsIncus:    k.NeedsIncus,
	}
}

func decodeKind(k *pb.KindInfo) sdk.Kind {
	return sdk.Kind{
		Kind:          resource.Kind(k.GetKind()),
		Priority:      int(k.GetPriority()),
		Actions:       words[resource.Action](k.GetActions()),
		ConfigSchema:  raw(k.GetConfigSchema()),
		OutputsSchema: raw(k.GetOutputsSchema()),
		Sessions:      words[string](k.GetSessions()),
		Calls:         words[string](k.GetCalls()),
		NeedsIncus:    k.GetNeedsIncus(),
	}
}

func encodeSettings(s sdk.Settings) *pb.ConfigureRequest {
	out := &pb.ConfigureRequest{
		IncusSocket:    s.IncusSocket,
		IncusProject:   s.IncusProject,
		ProjectOwned:   s.ProjectOwned,
		ComposeProject: s.ComposeProject,
		StoragePool:    s.StoragePool,
		Remote:         s.Remote,
		ApiExtensions:  words[string](s.APIExtensions),
		Architectures:  words[string](s.Architectures),
		ServerVersion:  s.ServerVersion,
		CacheDir:       s.CacheDir,
		Run:            s.Run,
	}
	if len(s.Remotes) > 0 {
		out.Remotes = make(map[string]*pb.ImageRemote, len(s.Remotes))
	}
	for name, r := range s.Remotes {
		out.Remotes[name] = &pb.ImageRemote{Address: r.Address, Protocol: r.Protocol, Certificate: r.Certificate}
	}
	return out
}

func decodeSettings(s *pb.ConfigureRequest) sdk.Settings {
	out := sdk.Settings{
		IncusSocket:    s.GetIncusSocket(),
		IncusProject:   s.GetIncusProject(),
		ProjectOwned:   s.GetProjectOwned(),
		ComposeProject: s.GetComposeProject(),
		StoragePool:    s.GetStoragePool(),
		Remote:         s.GetRemote(),
		APIExtensions:  words[string](s.GetApiExtensions()),
		Architectures:  words[string](s.GetArchitectures()),
		ServerVersion:  s.GetServerVersion(),
		CacheDir:       s.GetCacheDir(),
		Run:            s.GetRun(),
	}
	if len(s.GetRemotes()) > 0 {
		out.Remotes = make(map[string]sdk.ImageRemote, len(s.GetRemotes()))
	}
	for name, r := range s.GetRemotes() {
		out.Remotes[name] = sdk.ImageRemote{
			Address: r.GetAddress(), Protocol: r.GetProtocol(), Certificate: r.GetCertificate(),
		}
	}
	return out
}

func encodeProbe(p *sdk.Probe) *pb.ProbeResponse {
	return &pb.ProbeResponse{
		Available:   p.Available,
		Version:     p.Version,
		Platforms:   words[string](p.Platforms),
		Score:       int32(p.Score),
		Reason:      legible(p.Reason),
		Unsupported: words[string](p.Unsupported),
	}
}

func decodeProbe(p *pb.ProbeResponse) *sdk.Probe {
	return &sdk.Probe{
		Available:   p.GetAvailable(),
		Version:     p.GetVersion(),
		Platforms:   words[string](p.GetPlatforms()),
		Score:       int(p.GetScore()),
		Reason:      p.GetReason(),
		Unsupported: words[string](p.GetUnsupported()),
	}
}
