package lifecycle

import (
	"fmt"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/spec"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// anonymousVolumes makes the volumes that belong to the instance alone, unless they are there from an earlier
// instance of that name. The returned function removes those it made, which are empty until the first start.
func (m *Manager) anonymousVolumes(volumes []spec.AnonymousVolume) (undo func(), err error) {
	var made []spec.AnonymousVolume
	undo = func() {
		for _, v := range made {
			if err := m.Server.DeleteStoragePoolVolume(v.Pool, "custom", v.Name); err != nil {
				m.Sink.Notice(resource.LevelWarning, fmt.Sprintf("removing the unused volume %s: %v", v.Name, err))
			}
		}
	}
	for _, v := range volumes {
		err := m.Server.CreateStoragePoolVolume(v.Pool, api.StorageVolumesPost{
			Name: v.Name, Type: "custom", ContentType: "filesystem",
			StorageVolumePut: api.StorageVolumePut{Config: v.Config},
		})
		if sdkincus.IsExists(err) {
			continue
		}
		if err != nil {
			undo()
			return nil, fmt.Errorf("creating the volume for %s, which the image declares: %w", v.Path, sdkincus.MapError(err))
		}
		made = append(made, v)
	}
	return undo, nil
}
