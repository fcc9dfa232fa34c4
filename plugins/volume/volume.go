package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/naming"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/sdk/schema"
)

// volumeType is the type of volumes that belong to no instance or image.
const volumeType = "custom"

// Configuration keys of this plugin's own.
const (
	// keyContents records the files of a files volume: a JSON object of path to digest.
	keyContents = "user.icc.contents"
	// keyIncomplete is set while a new volume is being filled, so that an interrupted run is continued.
	keyIncomplete = "user.icc.incomplete"
)

// keyCopied is the server's own note that the volume was mounted with initial.copy once.
const keyCopied = "volatile.initial.copied"

// keyShifted lets instances with different or no user ID maps share the files with the same owners.
const keyShifted = "security.shifted"

// volume is a declared volume with the names it has on the server.
type volume struct {
	kinds.VolumeConfig
	ref       resource.Ref
	pool      string
	incusName string
}

// parse reads a resolved resource. An undeclared one has no configuration, only names.
func parse(s sdk.Settings, r resource.Resolved) (volume, error) {
	v := volume{ref: r.Ref, incusName: r.IncusName, pool: s.StoragePool}
	if err := schema.Decode(r.Config, &v.VolumeConfig); err != nil {
		return v, resource.About(err, r.Ref, "")
	}
	if v.Pool != "" {
		v.pool = v.Pool
	}
	return v, nil
}

// name returns the volume's name on the server.
func name(s sdk.Settings, key string, c kinds.VolumeConfig) string {
	scope := naming.Scope{Project: s.ComposeProject, Shared: !s.ProjectOwned}
	switch {
	case c.External && c.Name == "":
		return key
	case c.External:
		return c.Name // somebody else chose it
	case c.Name != "":
		return scope.NamedVolume(c.Name)
	}
	return scope.Volume(key)
}

// ephemeral says that a plain `down` removes the volume.
func (v volume) ephemeral() bool { return v.Ephemeral || len(v.Files) > 0 }

// wanted returns the configuration keys that the volume is to have, and among them the record of which these are.
func (v volume) wanted() map[string]string {
	config := incus.Merge(map[string]string{keyShifted: "true"}, v.Incus, incus.Marks(v.Project, v.ref.Name, v.Labels))
	config[resource.KeyObject] = v.incusName
	if v.ephemeral() {
		config[kinds.KeyVolumeEphemeral] = "true"
	}
	config[resource.KeyOwned] = strings.Join(slices.Sorted(maps.Keys(config)), ",")
	config[resource.KeyApplied] = incus.Applied(incus.Pick(config, incus.OwnedNames(config)))
	return config
}

// unwanted returns the keys of current that icc once set and that are no longer declared.
func (v volume) unwanted(current map[string]string) []string {
	wanted := v.wanted()
	return slices.DeleteFunc(strings.Split(current[resource.KeyOwned], ","), func(k string) bool {
		_, keep := wanted[k]
		_, there := current[k]
		return keep || !there
	})
}

// outputs describes an existing volume; declared ones know themselves whether they are external.
func outputs(pool string, external bool, sv api.StorageVolume) kinds.VolumeOutputs {
	return kinds.VolumeOutputs{
		Pool: pool, IncusName: sv.Name, External: external,
		Ephemeral: sv.Config[kinds.KeyVolumeEphemeral] == "true", Copied: sv.Config[keyCopied] == "true",
		UsedBy: len(sv.UsedBy),
	}
}

// adjusted describes a volume of icc's own as it is once it is as declared. What the server notes on it stays.
func (v volume) adjusted(sv api.StorageVolume) kinds.VolumeOutputs {
	out := outputs(v.pool, false, sv)
	out.Ephemeral = v.ephemeral()
	return out
}
