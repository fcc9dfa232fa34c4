package compose

import (
	"fmt"
	"strconv"
	"strings"

	units "github.com/docker/go-units"
	"github.com/icc-project/icc/sdk/kinds"
)

// tmpfs translates the short form "/run:size=64m,mode=1777".
func (t *translator) tmpfs(s serviceConfig) []kinds.Mount {
	var mounts []kinds.Mount
	for i, entry := range s.Tmpfs {
		target, options, _ := strings.Cut(entry, ":")
		m := kinds.Mount{Type: kinds.MountTmpfs, Target: target}
		path := t.item(servicePath(s.Name)+".tmpfs", i, len(s.Tmpfs))
		for _, opt := range strings.Split(options, ",") {
			switch applyTmpfsOption(&m, opt) {
			case tmpfsBad:
				t.fail(path, fmt.Sprintf("%q is not a valid option of a tmpfs", opt), "write size=64m, mode=1777, uid=1000 or gid=1000")
			case tmpfsNoEffect:
				t.warn(path, fmt.Sprintf("option %q of the tmpfs is not applied", opt), "remove it, or accept the default")
			}
		}
		mounts = append(mounts, m)
	}
	return mounts
}

// tmpfsOption is what became of an option.
type tmpfsOption int

const (
	tmpfsApplied tmpfsOption = iota
	tmpfsNoEffect
	tmpfsBad
)

// applyTmpfsOption sets one mount option. Incus takes size, mode and owner; flags such as noexec it does not.
func applyTmpfsOption(m *kinds.Mount, option string) tmpfsOption {
	key, value, _ := strings.Cut(strings.TrimSpace(option), "=")
	switch key {
	case "", "rw", "exec", "suid", "dev":
		return tmpfsApplied
	case "ro":
		m.ReadOnly = true
		return tmpfsApplied
	case "size":
		size, err := units.RAMInBytes(value)
		if err != nil {
			return tmpfsBad
		}
		m.Size = size
		return tmpfsApplied
	case "mode":
		mode, err := strconv.ParseUint(value, 8, 12)
		if err != nil {
			return tmpfsBad
		}
		m.Mode = int(mode)
		return tmpfsApplied
	case "uid", "gid":
		if _, err := strconv.ParseUint(value, 10, 32); err != nil {
			return tmpfsBad
		}
		setKey(&m.Incus, "initial."+key, value)
		return tmpfsApplied
	}
	return tmpfsNoEffect
}
