package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

func TestCopiesMadeByHandAreNoVolumesOfTheProject(t *testing.T) {
	t.Parallel()
	made := func(object string) map[string]string {
		return map[string]string{resource.KeyProject: "shop", resource.KeyName: "data", resource.KeyObject: object}
	}
	seen := observation{}
	for name, config := range map[string]map[string]string{
		"shop_data": made("shop_data"), "backup": made("shop_data"), "other": {resource.KeyProject: "other"}, "old": made(""),
	} {
		seen[place{"default", name}] = api.StorageVolume{Name: name, StorageVolumePut: api.StorageVolumePut{Config: config}}
	}
	names := map[string]bool{}
	for _, s := range orphans(sdk.Settings{ComposeProject: "shop"}, seen, map[resource.Ref]bool{}, map[place]bool{}) {
		names[s.IncusName] = true
	}
	if diff := cmp.Diff(map[string]bool{"shop_data": true, "old": true}, names); diff != "" {
		t.Errorf("volumes of the project (-want +got):\n%s", diff)
	}
}
