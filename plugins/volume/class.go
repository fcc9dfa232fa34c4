package main

import (
	"strings"

	"github.com/icc-project/icc/sdk/resource"
)

// keyClass says how a change of a configuration key is applied. What Incus looks at only when it makes a volume takes a
// new volume; everything else is changed in place, and volumes that are in use may grow.
func keyClass(key string) resource.Class {
	switch {
	case strings.HasPrefix(key, "initial."), strings.HasPrefix(key, "lvm.stripes"):
		return resource.ClassRecreate
	case key == "block.filesystem", key == "zfs.block_mode", key == "zfs.blocksize":
		return resource.ClassRecreate
	}
	return resource.ClassLive
}

// worst returns the most disturbing class of the fields.
func worst(fields []resource.FieldChange) resource.Class {
	for _, f := range fields {
		if f.Class == resource.ClassRecreate {
			return resource.ClassRecreate
		}
	}
	return resource.ClassLive
}

// composeName returns the name that a configuration key of a volume has in compose files.
func composeName(key string) string {
	label, ok := strings.CutPrefix(key, resource.KeyLabel)
	switch {
	case ok:
		return "labels." + label
	case strings.HasPrefix(key, resource.KeyPrefix):
		return ""
	}
	return "x-incus." + key
}
