package main

import (
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// drift returns what others have changed on a volume of this project's own. What is in it is not looked at.
func (v volume) drift(sv api.StorageVolume) []resource.Change {
	c, ok := incus.Drift{
		Record: sv.Config[resource.KeyApplied], Names: incus.OwnedNames(sv.Config), Current: sv.Config, Want: v.wanted(),
	}.Change(v.ref)
	if !ok {
		return nil
	}
	for i, f := range c.Fields {
		c.Fields[i].Path, c.Fields[i].Compose = "config."+f.Path, composeName(f.Path)
	}
	return []resource.Change{c}
}
