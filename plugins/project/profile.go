package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// keyOwnedDevices lists a profile's devices that icc has made, comma separated; others are somebody's own.
const keyOwnedDevices = resource.KeyPrefix + "owned-devices"

// profileForm returns what a profile has to look like, the source's content below the declared one, and how that differs
// from what it is. Keys and devices that somebody has added by hand stay.
func (s *server) profileForm(ref resource.Ref, cfg kinds.ProfileConfig, source, current *api.Profile) (api.ProfilePut, []resource.FieldChange) {
	config, devices := wantedProfile(cfg, source)
	if current == nil {
		current = &api.Profile{}
	}
	marks := map[string]string{resource.KeyProject: s.settings.ComposeProject, resource.KeyName: ref.Name, resource.KeyObject: ref.Name}
	if len(devices) > 0 {
		marks[keyOwnedDevices] = strings.Join(slices.Sorted(maps.Keys(devices)), ",")
	}
	next := api.ProfilePut{
		Config:      merge(current.Config, config, marks),
		Description: fmt.Sprintf("Profile %s of Compose project %s", ref.Name, s.settings.ComposeProject),
		Devices:     mergeDevices(current, devices),
	}
	next.Config[resource.KeyApplied] = sdkincus.Applied(sdkincus.Pick(profileView(next.Config, next.Devices), profileNames(next.Config)))
	fields := differences("config.", current.Config, next.Config)
	return next, append(fields, deviceDifferences(current.Devices, next.Devices)...)
}

// wantedProfile returns the source's content with the declared one on top.
func wantedProfile(cfg kinds.ProfileConfig, source *api.Profile) (config map[string]string, devices map[string]map[string]string) {
	config, devices = map[string]string{}, map[string]map[string]string{}
	if source != nil {
		for name, d := range source.Devices {
			if !cfg.NetworkOnly || d["type"] == "nic" {
				devices[name] = d
			}
		}
		if !cfg.NetworkOnly {
			maps.Copy(config, source.Config)
		}
	}
	maps.Copy(config, cfg.Config)
	maps.Copy(devices, cfg.Devices)
	maps.DeleteFunc(config, func(k, _ string) bool { return strings.HasPrefix(k, resource.KeyPrefix) })
	return config, devices
}

func mergeDevices(current *api.Profile, want map[string]map[string]string) map[string]map[string]string {
	owned := strings.Split(current.Config[keyOwnedDevices], ",")
	next := make(map[string]map[string]string)
	for name, d := range current.Devices {
		if !slices.Contains(owned, name) {
			next[name] = d
		}
	}
	maps.Copy(next, want)
	return next
}

func deviceDifferences(current, next map[string]map[string]string) []resource.FieldChange {
	names := slices.AppendSeq(slices.Collect(maps.Keys(current)), maps.Keys(next))
	slices.Sort(names)
	var out []resource.FieldChange
	for _, name := range slices.Compact(names) {
		out = append(out, differences("devices."+name+".", current[name], next[name])...)
	}
	return out
}

// ensureProfile makes the profile or brings it up to date.
func (s *server) ensureProfile(ctx context.Context, req sdk.RunRequest) (*sdk.RunResult, error) {
	ref := req.Resource.Ref
	cfg, err := profileConfig(ref, req.Resource.Config)
	if err != nil {
		return nil, err
	}
	source, err := s.source(cfg)
	if err != nil {
		return nil, err
	}
	name := req.Resource.IncusName
	current, _, err := s.GetProfile(name)
	if sdkincus.IsNotFound(err) {
		if !req.Options.Create {
			return nil, resource.ErrNotFound.WithText(fmt.Sprintf("profile %q does not exist", name)).WithHint("create it with `icc up`")
		}
		put, _ := s.profileForm(ref, cfg, source, nil)
		err = s.CreateProfile(api.ProfilesPost{ProfilePut: put, Name: name})
		if err == nil {
			return profileResult(name, put, true, true), nil
		}
		if !sdkincus.IsExists(err) {
			return nil, fmt.Errorf("creating profile %q: %w", name, sdkincus.MapError(err))
		}
	} else if err != nil {
		return nil, fmt.Errorf("looking at profile %q: %w", name, sdkincus.MapError(err))
	} else if refused := s.refuseProfile(current); refused != nil {
		return nil, refused
	}
	return s.updateProfile(ctx, ref, cfg, source, name)
}

func (s *server) updateProfile(ctx context.Context, ref resource.Ref, cfg kinds.ProfileConfig, source *api.Profile, name string) (*sdk.RunResult, error) {
	var put api.ProfilePut
	changed := false
	get := func() (*api.Profile, string, error) { return s.GetProfile(name) }
	err := sdkincus.Update(ctx, get, func(current *api.Profile, etag string) error {
		if refused := s.refuseProfile(current); refused != nil {
			return refused
		}
		var fields []resource.FieldChange
		put, fields = s.profileForm(ref, cfg, source, current)
		if changed = len(fields) > 0; !changed {
			return nil
		}
		return s.UpdateProfile(name, put, etag)
	})
	if err != nil {
		return nil, fmt.Errorf("updating profile %q: %w", name, err)
	}
	return profileResult(name, put, false, changed), nil
}

func profileResult(name string, put api.ProfilePut, created, changed bool) *sdk.RunResult {
	return &sdk.RunResult{Outputs: sdk.MustEncode(profileOutputs(name, put.Devices)), Created: created, Changed: changed}
}

func profileOutputs(name string, devices map[string]map[string]string) kinds.ProfileOutputs {
	return kinds.ProfileOutputs{Name: name, Devices: slices.Sorted(maps.Keys(devices))}
}

// source fetches the profile to copy, nil when there is none to copy.
func (s *server) source(cfg kinds.ProfileConfig) (*api.Profile, error) {
	if cfg.SourceProfile == "" {
		return nil, nil
	}
	project := sourceProject(cfg)
	p, _, err := s.UseProject(project).GetProfile(cfg.SourceProfile)
	if sdkincus.IsNotFound(err) {
		return nil, absentSource(cfg)
	}
	if err != nil {
		return nil, fmt.Errorf("looking at profile %q of Incus project %q: %w", cfg.SourceProfile, project, sdkincus.MapError(err))
	}
	return p, nil
}

// refuseProfile returns why a profile must not be changed, nil when it is this project's. The default profile of an
// Incus project of our own comes with it.
func (s *server) refuseProfile(p *api.Profile) error {
	if sdkincus.Belongs(p.Config, s.settings.ComposeProject) || s.settings.ProjectOwned && p.Name == api.ProjectDefaultName {
		return nil
	}
	return resource.ErrConflict.WithText(fmt.Sprintf("there is a profile %q that is not of this Compose project", p.Name)).
		WithHint("give the profile another name in x-icc.profiles, or use the existing one without declaring it")
}

// deleteProfile removes a profile of this project. An Incus project's default profile cannot go; it is emptied.
func (s *server) deleteProfile(req sdk.RunRequest) (*sdk.RunResult, error) {
	name := req.Resource.IncusName
	p, etag, err := s.GetProfile(name)
	if sdkincus.IsNotFound(err) || err == nil && !sdkincus.Belongs(p.Config, s.settings.ComposeProject) {
		return &sdk.RunResult{}, nil
	}
	switch {
	case err != nil:
	case name == api.ProjectDefaultName:
		err = s.UpdateProfile(name, api.ProfilePut{}, etag)
	default:
		err = s.DeleteProfile(name)
	}
	if err != nil && !sdkincus.IsNotFound(err) {
		return nil, fmt.Errorf("deleting profile %q: %w", name, sdkincus.MapError(err))
	}
	return &sdk.RunResult{Changed: true}, nil
}
