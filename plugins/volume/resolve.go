package main

import (
	"context"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/sdk/schema"
)

// Resolve implements sdk.Provider: names and actions, without asking the server.
func (p *provider) Resolve(_ context.Context, decls []resource.Declaration) (*sdk.Resolution, error) {
	s := p.Settings()
	out := &sdk.Resolution{}
	owners := map[string]resource.Ref{}
	for _, d := range decls {
		if err := sdk.CheckKind(d.Kind, resource.KindStorageVolume); err != nil {
			return nil, err
		}
		var c kinds.VolumeConfig
		if err := schema.Decode(d.Config, &c); err != nil {
			return nil, resource.About(err, d.Ref, "")
		}
		r := resource.Resolved{
			Ref: d.Ref, IncusName: name(s, d.Name, c), Priority: resource.PriorityVolume,
			Actions: actions(), Config: d.Config, DependsOn: d.DependsOn, Position: d.Position,
		}
		if c.External {
			r.Actions = []resource.Action{resource.ActionEnsure}
		}
		where := c.Pool + "/" + r.IncusName
		if other, taken := owners[where]; taken && !c.External {
			out.Diagnostics = append(out.Diagnostics, resource.Diagnostic{
				Severity: resource.SeverityError, Ref: d.Ref, Position: d.Position,
				Text: "volumes " + other.Name + " and " + d.Name + " have the same name on the server: " + r.IncusName,
				Hint: "give one of them another name, or mount one volume in both places",
			})
		}
		owners[where] = d.Ref
		out.Resolved = append(out.Resolved, r)
	}
	return out, nil
}
