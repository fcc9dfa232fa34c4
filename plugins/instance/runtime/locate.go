package runtime

import (
	"path"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/initspec"
)

// Place is where an instance keeps its state and log.
type Place struct {
	Pool, Volume string
	// Dir is the instance's directory inside the volume.
	Dir string
}

// StateFile returns the path of the state inside the volume.
func (p Place) StateFile() string { return path.Join(p.Dir, initspec.StateFile) }

// LogDir returns the path of the log's directory inside the volume.
func (p Place) LogDir() string { return path.Join(p.Dir, initspec.LogDir) }

// Locate returns where the instance keeps its state and log, and false when icc-init does not run it.
func Locate(inst *api.Instance) (Place, bool) {
	dev := inst.Devices[spec.DeviceRun]
	volume, dir, ok := strings.Cut(dev["source"], "/")
	if !ok || !spec.Supervised(inst.Config) || dev["type"] != "disk" || dev["path"] != initspec.Dir ||
		dev["pool"] == "" || volume == "" || dir == "" || path.Clean("/"+dir) != "/"+dir {
		return Place{}, false
	}
	return Place{Pool: dev["pool"], Volume: volume, Dir: dir}, true
}
