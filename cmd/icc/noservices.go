package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/icc-project/icc/sdk/resource"
)

// hasServices refuses to bring up a project of nothing, which is most likely a profile that was forgotten. Resources of
// other plugins are something.
func (p *project) hasServices() error {
	something := slices.ContainsFunc(p.translation.Declarations, func(d resource.Declaration) bool {
		return d.Kind != resource.KindProject
	})
	if something || len(p.compose.Services) > 0 {
		return nil
	}
	return noServices(p.compose.DisabledServices)
}

func noServices(disabled types.Services) error {
	if len(disabled) == 0 {
		return resource.ErrConfig.WithText("the compose file has no services").WithHint("add one under services")
	}
	profiles := make(map[string]bool)
	for _, service := range disabled {
		for _, name := range service.Profiles {
			profiles[name] = true
		}
	}
	names := strings.Join(slices.Sorted(maps.Keys(profiles)), ", ")
	return resource.ErrConfig.WithText("no service is selected: all of them belong to profiles that are not active").
		WithHint("activate one with --profile, or name services; the profiles are: " + names)
}
