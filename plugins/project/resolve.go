package main

import (
	"context"
	"fmt"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/sdk/schema"
)

// Resolve implements sdk.Provider.
func (p *provider) Resolve(_ context.Context, decls []resource.Declaration) (*sdk.Resolution, error) {
	var r sdk.Resolution
	for _, d := range decls {
		if err := checkKind(d.Kind); err != nil {
			return nil, err
		}
		resolved := resource.Resolved{
			Ref: d.Ref, IncusName: d.Name, Priority: resource.PriorityProfile, Actions: actions(),
			Config: d.Config, DependsOn: d.DependsOn, Position: d.Position,
		}
		switch d.Kind {
		case resource.KindProject:
			cfg, err := projectConfig(d.Ref, d.Config)
			if err != nil {
				return nil, err
			}
			resolved.IncusName, resolved.Priority = cfg.IncusProject, resource.PriorityProject
			if cfg.External && len(cfg.Config) > 0 {
				r.Diagnostics = append(r.Diagnostics, ignored(d, cfg))
			}
		case resource.KindProfile:
			if _, err := profileConfig(d.Ref, d.Config); err != nil {
				return nil, err
			}
		}
		r.Resolved = append(r.Resolved, resolved)
	}
	return &r, nil
}

// ignored warns that an existing Incus project keeps its configuration.
func ignored(d resource.Declaration, cfg kinds.ProjectConfig) resource.Diagnostic {
	return resource.Diagnostic{
		Severity: resource.SeverityWarning, Ref: d.Ref, Position: d.Position,
		Text: fmt.Sprintf("top-level x-incus is ignored: the Incus project %q belongs to somebody else", cfg.IncusProject),
		Hint: "remove x-incus, or leave out --incus-project so that icc makes a project with these settings",
	}
}

func projectConfig(ref resource.Ref, raw []byte) (kinds.ProjectConfig, error) {
	var c kinds.ProjectConfig
	if err := schema.Decode(raw, &c); err != nil {
		return c, resource.About(err, ref, "")
	}
	if c.IncusProject == "" {
		return c, resource.ErrNilPointer.WithResource(ref).WithText("the declaration names no Incus project")
	}
	return c, nil
}

func profileConfig(ref resource.Ref, raw []byte) (kinds.ProfileConfig, error) {
	var c kinds.ProfileConfig
	if err := schema.Decode(raw, &c); err != nil {
		return c, resource.About(err, ref, "")
	}
	return c, nil
}
