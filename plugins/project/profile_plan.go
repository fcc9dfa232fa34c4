package main

import (
	"cmp"
	"fmt"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// planProfiles compares profiles in one request; a second one fetches all sources when there are any.
func (s *server) planProfiles(req sdk.PlanRequest) (*sdk.PlanResult, error) {
	profiles, err := sdkincus.Listed(s.GetProfiles())
	if err != nil {
		return nil, fmt.Errorf("listing profiles: %w", err)
	}
	pl := profilePlanner{server: s, profiles: profiles, options: req.Options, seen: map[string]bool{}}
	for _, r := range req.Resolved {
		if err := pl.declared(r); err != nil {
			return nil, err
		}
	}
	pl.leftOver()
	return &pl.result, nil
}

// profilePlanner is one planProfiles in progress.
type profilePlanner struct {
	*server
	profiles []api.Profile
	// everywhere are the profiles of all Incus projects, once somebody has asked for them.
	everywhere []api.Profile
	options    resource.Options
	result     sdk.PlanResult
	seen       map[string]bool
}

func (p *profilePlanner) declared(r resource.Resolved) error {
	cfg, err := profileConfig(r.Ref, r.Config)
	if err != nil {
		return err
	}
	p.seen[r.IncusName] = true
	state := resource.State{Ref: r.Ref, IncusName: r.IncusName, Declared: true, Status: resource.StatusMissing}
	change := resource.Change{Ref: r.Ref, Class: resource.ClassCreate, Reason: "does not exist"}
	source, err := p.sourceOf(cfg)
	if err != nil {
		return err
	}
	if cfg.SourceProfile != "" && source == nil {
		p.result.Diagnostics = append(p.result.Diagnostics, diagnose(r, absentSource(cfg), p.options))
	}
	if current := byName(p.profiles, r.IncusName); current != nil {
		state.Exists, state.Status = true, resource.StatusAvailable
		state.Outputs = sdk.MustEncode(profileOutputs(current.Name, current.Devices))
		if refused := p.refuseProfile(current); refused != nil {
			state.External, change.Reason = true, "belongs to somebody else"
			p.result.Diagnostics = append(p.result.Diagnostics, diagnose(r, refused, p.options))
		} else {
			var put api.ProfilePut
			put, change.Fields = p.profileForm(r.Ref, cfg, source, current)
			p.result.Drift = append(p.result.Drift, profileDrift(r.Ref, current, put)...)
			change.Class, change.Reason = resource.ClassNone, ""
			if len(change.Fields) > 0 {
				change.Class, change.Reason = resource.ClassLive, reason(change.Fields)
			}
		}
	}
	p.result.States, p.result.Changes = append(p.result.States, state), append(p.result.Changes, change)
	return nil
}

// sourceOf finds the profile to copy, nil when there is none.
func (p *profilePlanner) sourceOf(cfg kinds.ProfileConfig) (*api.Profile, error) {
	if cfg.SourceProfile == "" {
		return nil, nil
	}
	if p.everywhere == nil {
		var err error
		if p.everywhere, err = p.GetProfilesAllProjects(); err != nil {
			return nil, fmt.Errorf("listing the profiles of all Incus projects: %w", sdkincus.MapError(err))
		}
	}
	for i := range p.everywhere {
		if f := &p.everywhere[i]; f.Name == cfg.SourceProfile && f.Project == sourceProject(cfg) {
			return f, nil
		}
	}
	return nil, nil
}

// leftOver reports this project's profiles that no declaration names.
func (p *profilePlanner) leftOver() {
	for _, f := range p.profiles {
		if p.settings.ComposeProject == "" || p.seen[f.Name] || !sdkincus.Belongs(f.Config, p.settings.ComposeProject) ||
			!sdkincus.Original(f.Config, f.Name) {
			continue
		}
		ref := resource.Ref{Kind: resource.KindProfile, Name: cmp.Or(f.Config[resource.KeyName], f.Name)}
		p.result.States = append(p.result.States, resource.State{
			Ref: ref, IncusName: f.Name, Exists: true, Status: resource.StatusAvailable, Outputs: sdk.MustEncode(profileOutputs(f.Name, f.Devices)),
		})
		p.result.Drift = append(p.result.Drift, profileDrift(ref, &f, api.ProfilePut{})...)
	}
}

func byName(profiles []api.Profile, name string) *api.Profile {
	for i := range profiles {
		if profiles[i].Name == name {
			return &profiles[i]
		}
	}
	return nil
}

// sourceProject is where the profile to copy is looked for.
func sourceProject(cfg kinds.ProfileConfig) string {
	return cmp.Or(cfg.SourceProject, api.ProjectDefaultName)
}

func absentSource(cfg kinds.ProfileConfig) error {
	return resource.ErrNotFound.WithText(fmt.Sprintf("Incus project %q has no profile %q to copy", sourceProject(cfg), cfg.SourceProfile)).
		WithHint("create it, or correct source_project and source_profile; `incus profile list` shows what there is")
}
