package spec

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

const (
	mountPrefix = "mount-"
	shmPath     = "/dev/shm"
	initialCopy = "initial.copy"
	// tmpfsMode is Docker's mode of a tmpfs: everybody may write, nobody may remove what others wrote.
	tmpfsMode = 0o1777
)

// mounts writes one disk device per mount.
func (t *translation) mounts() error {
	if size := t.Config.Limits.ShmSize; size > 0 && !t.mounted(shmPath) {
		t.mount(kinds.Mount{Target: shmPath}, tmpfs(kinds.Mount{Size: size}))
	}
	for _, m := range t.Config.Mounts {
		dev, err := t.disk(m)
		if err != nil {
			return err
		}
		t.mount(m, dev)
	}
	return nil
}

func (t *translation) disk(m kinds.Mount) (map[string]string, error) {
	switch m.Type {
	case kinds.MountVolume:
		return t.volume(m)
	case kinds.MountBind:
		return bind(m), nil
	case kinds.MountTmpfs:
		return tmpfs(m), nil
	}
	return nil, resource.ErrConfig.WithText(fmt.Sprintf("mount %s: unknown type %q", m.Target, m.Type))
}

// volume mounts a volume. Incus fills it from the image when it is empty, ownership included, as Docker does.
func (t *translation) volume(m kinds.Mount) (map[string]string, error) {
	v, ok := t.Volumes[m.Source]
	if !ok {
		return nil, fmt.Errorf("outputs of volume %q are missing", m.Source)
	}
	dev := map[string]string{"pool": v.Pool, "source": v.IncusName}
	if m.Subpath != "" {
		dev["source"] += "/" + strings.TrimPrefix(m.Subpath, "/")
	}
	if !m.NoCopy && !m.Secret && m.Subpath == "" && t.out.Type == "container" {
		dev[initialCopy] = "true"
	}
	return dev, nil
}

// bind mounts a path of the host, with its owners as they are.
func bind(m kinds.Mount) map[string]string {
	dev := map[string]string{"source": m.Source, "shift": "true"}
	if m.Propagation != "" {
		dev["propagation"] = m.Propagation
	}
	if m.Recursive && !m.ReadOnly {
		dev["recursive"] = "true"
	}
	return dev
}

func tmpfs(m kinds.Mount) map[string]string {
	mode := m.Mode
	if mode == 0 {
		mode = tmpfsMode
	}
	dev := map[string]string{"source": "tmpfs:", "initial.mode": "0" + strconv.FormatInt(int64(mode), 8)}
	if m.Size > 0 {
		dev["size"] = byteSize(m.Size)
	}
	return dev
}

// mount completes the device and adds it under a name that follows from the target alone.
func (t *translation) mount(m kinds.Mount, dev map[string]string) {
	dev["type"], dev["path"] = "disk", path.Clean(m.Target)
	if m.ReadOnly {
		dev["readonly"] = "true"
	}
	maps.Copy(dev, m.Incus)
	name := mountDevice(m.Target)
	t.out.Devices[name] = dev
	if m.Secret {
		t.out.Files[name] = true
	}
	if dev[initialCopy] == "true" && !t.Volumes[m.Source].Copied {
		t.out.Filled[name] = true
	}
}

// mounted says whether the service mounts something at exactly this path.
func (t *translation) mounted(target string) bool {
	return slices.ContainsFunc(t.Config.Mounts, func(m kinds.Mount) bool {
		return path.Clean(m.Target) == path.Clean(target)
	})
}

// mountDevice returns a readable device name within Incus' 63 characters.
func mountDevice(target string) string {
	target = path.Clean(target)
	readable := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '_' {
			return r
		}
		return '-'
	}, strings.TrimPrefix(target, "/"))
	return mountPrefix + readable[:min(len(readable), 40)] + "-" + shortHash(target)
}

// mountPoints lists the directories that have to exist before the first start.
func (t *translation) mountPoints() {
	if t.oci() {
		t.out.Directories = MountPoints(t.out.Devices)
	}
}

// MountPoints lists the directories that the mounts of an OCI image's instance need, see MountPoint.
func MountPoints(devices Devices) []string {
	dirs := map[string]bool{}
	for _, dev := range devices {
		if dev["type"] == "disk" && dev["path"] == path.Clean(runDir) {
			return nil // the device takes the place of that tmpfs
		}
		if dir := MountPoint(dev); dir != "" {
			dirs[dir] = true
		}
	}
	return slices.Sorted(maps.Keys(dirs))
}

const runDir = "/run/"

// MountPoint returns the directory that has to exist before a device can be mounted at the start; empty for most. On a
// root file system whose /run is empty or missing, Incus mounts a tmpfs there after all devices, which would hide what
// they mount below it.
func MountPoint(dev map[string]string) string {
	if dev["type"] != "disk" || !strings.HasPrefix(dev["path"], runDir) {
		return ""
	}
	if parent := path.Dir(dev["path"]); parent != path.Clean(runDir) {
		return parent
	}
	return runDir + ".icc" // whether the target is a file or a directory is not known here
}
