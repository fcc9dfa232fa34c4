package main

import (
	"testing"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/icc-project/icc/core/compose"
	"github.com/icc-project/icc/sdk/resource"
)

func TestBringingUpNothingIsRefused(t *testing.T) {
	t.Parallel()
	own := resource.Declaration{Ref: resource.Ref{Kind: resource.KindProject, Name: "shop"}}
	other := resource.Declaration{Ref: resource.Ref{Kind: "bucket", Name: "files"}}
	for name, tt := range map[string]struct {
		decls             []resource.Declaration
		services          types.Services
		disabled          types.Services
		wantText, wantTip string
	}{
		"no services at all": {wantText: "the compose file has no services", wantTip: "add one under services"},
		"all behind profiles": {
			disabled: types.Services{"a": {Profiles: []string{"tools", "debug"}}, "b": {Profiles: []string{"debug"}}},
			wantText: "no service is selected: all of them belong to profiles that are not active",
			wantTip:  "activate one with --profile, or name services; the profiles are: debug, tools",
		},
		"a service":                    {services: types.Services{"web": {}}},
		"a resource of another plugin": {decls: []resource.Declaration{other}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &project{
				compose:     &compose.Project{Project: &types.Project{Services: tt.services, DisabledServices: tt.disabled}},
				translation: &compose.Translation{Declarations: append(tt.decls, own)},
			}
			err := p.hasServices()
			if tt.wantText == "" {
				if err != nil {
					t.Errorf("got %v", err)
				}
				return
			}
			if err == nil || err.Error() != tt.wantText || resource.Hint(err) != tt.wantTip {
				t.Errorf("got %v, hint %q", err, resource.Hint(err))
			}
		})
	}
}
