package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// planProject looks at the one Incus project of the Compose project.
func (s *server) planProject(req sdk.PlanRequest) (*sdk.PlanResult, error) {
	p, err := s.existing(req.Snapshot)
	if err != nil {
		return nil, err
	}
	if len(req.Resolved) == 0 {
		return leftOver(p, s.settings.ComposeProject), nil
	}
	result := &sdk.PlanResult{}
	for _, r := range req.Resolved {
		cfg, err := projectConfig(r.Ref, r.Config)
		if err != nil {
			return nil, err
		}
		if cfg.IncusProject != s.settings.IncusProject {
			if p, _, err = s.get(cfg.IncusProject); err != nil {
				return nil, err
			}
		}
		state, change := compareProject(r, cfg, p)
		if p != nil && sdkincus.Belongs(p.Config, r.Name) && !cfg.External {
			put, _ := projectForm(r.Name, cfg, p.Config)
			result.Drift = append(result.Drift, projectDrift(r.Ref, p, put.Config)...)
		}
		if refused := refuse(p, r.Name, cfg); refused != nil {
			result.Diagnostics = append(result.Diagnostics, diagnose(r, refused, req.Options))
		}
		result.States, result.Changes = append(result.States, state), append(result.Changes, change)
	}
	return result, nil
}

// existing returns the Incus project that an earlier Look has found, or looks itself; nil when there is none.
func (s *server) existing(snapshot json.RawMessage) (*api.Project, error) {
	if len(snapshot) == 0 {
		p, _, err := s.get(s.settings.IncusProject)
		return p, err
	}
	var p *api.Project
	if err := json.Unmarshal(snapshot, &p); err != nil {
		return nil, fmt.Errorf("reading what is known of the Incus project: %w", err)
	}
	return p, nil
}

// compareProject returns how the Incus project stands, and what would be done about it.
func compareProject(r resource.Resolved, cfg kinds.ProjectConfig, p *api.Project) (resource.State, resource.Change) {
	state := resource.State{Ref: r.Ref, IncusName: cfg.IncusProject, Declared: true, Status: resource.StatusMissing, External: cfg.External}
	change := resource.Change{Ref: r.Ref, Class: resource.ClassCreate, Reason: "does not exist"}
	if p == nil {
		return state, change
	}
	state.Exists, state.Status = true, resource.StatusAvailable
	state.Outputs = sdk.MustEncode(projectOutputs(p, r.Name))
	switch own := sdkincus.Belongs(p.Config, r.Name); {
	case cfg.External:
		change.Class, change.Reason = resource.ClassNone, ""
	case !own:
		state.External = true // refused by ensure, and never touched by anything else
		change.Reason = "belongs to somebody else"
	default:
		_, change.Fields = projectForm(r.Name, cfg, p.Config)
		for i, f := range change.Fields {
			if !strings.HasPrefix(f.Path, resource.KeyPrefix) {
				change.Fields[i].Compose = "x-incus." + f.Path
			}
		}
		change.Class, change.Reason = resource.ClassNone, ""
		if len(change.Fields) > 0 {
			change.Class, change.Reason = resource.ClassLive, reason(change.Fields)
		}
	}
	return state, change
}

// leftOver reports the Incus project of a Compose project whose files nobody showed.
func leftOver(p *api.Project, compose string) *sdk.PlanResult {
	if p == nil || !sdkincus.Belongs(p.Config, compose) {
		return &sdk.PlanResult{}
	}
	ref := resource.Ref{Kind: resource.KindProject, Name: compose}
	return &sdk.PlanResult{States: []resource.State{{
		Ref: ref, IncusName: p.Name, Exists: true, Status: resource.StatusAvailable, Outputs: sdk.MustEncode(projectOutputs(p, compose)),
	}}, Drift: projectDrift(ref, p, nil)}
}

// diagnose reports what will make ensuring fail: as an error when it is about to happen, else as a warning.
func diagnose(r resource.Resolved, err error, opts resource.Options) resource.Diagnostic {
	severity := resource.SeverityWarning
	if opts.Create {
		severity = resource.SeverityError
	}
	return resource.Diagnostic{Severity: severity, Ref: r.Ref, Position: r.Position, Text: err.Error(), Hint: resource.Hint(err)}
}
