package compose

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/naming"
	"github.com/icc-project/icc/sdk/resource"
)

// mounts translates what one replica mounts: volumes, those of volumes_from, tmpfs, secrets and configs.
func (t *translator) mounts(s serviceConfig, n int) []kinds.Mount {
	mounts := t.serviceVolumes(s, n)
	taken := map[string]bool{}
	for _, m := range mounts {
		taken[m.Target] = true
	}
	for _, from := range s.VolumesFrom {
		for _, m := range t.volumesFrom(s, from) {
			if !taken[m.Target] {
				taken[m.Target] = true
				mounts = append(mounts, m)
			}
		}
	}
	mounts = append(mounts, t.tmpfs(s)...)
	mounts = append(mounts, t.fileMounts(s)...)
	slices.SortStableFunc(mounts, func(a, b kinds.Mount) int { return strings.Compare(a.Target, b.Target) })
	return mounts
}

// volumesFrom returns the mounts of another service's first replica.
func (t *translator) volumesFrom(s serviceConfig, spec string) []kinds.Mount {
	path := servicePath(s.Name) + ".volumes_from"
	if strings.HasPrefix(spec, types.ContainerPrefix) {
		t.fail(path, fmt.Sprintf("%q names a container outside the project", spec), "name a service of the project, or share an external volume")
		return nil
	}
	name, mode, _ := strings.Cut(spec, ":")
	other, ok := t.p.Services[name]
	if !ok {
		return nil // reported by check
	}
	mounts := slices.DeleteFunc(t.serviceVolumes(other, t.firstNumber(other)), func(m kinds.Mount) bool { return m.Type == kinds.MountTmpfs })
	for i := range mounts {
		mounts[i].ReadOnly = mounts[i].ReadOnly || mode == "ro"
	}
	return mounts
}

// serviceVolumes translates the volumes of replica n of a service.
func (t *translator) serviceVolumes(s serviceConfig, n int) []kinds.Mount {
	var mounts []kinds.Mount
	for i, v := range s.Volumes {
		path := t.item(servicePath(s.Name)+".volumes", i, len(s.Volumes))
		c := &volumeCase{
			t: t, v: v, path: path, owner: instanceName(s.Name, n), ext: t.extension(v.Extensions, path, mountKeys),
		}
		if m := c.mount(); m != nil {
			m.Target, m.Incus = v.Target, merge(m.Incus, c.ext.config)
			m.ReadOnly = m.ReadOnly || v.ReadOnly
			mounts = append(mounts, *m)
		}
	}
	return mounts
}

// volumeCase is one entry of a service's volumes.
type volumeCase struct {
	t     *translator
	v     types.ServiceVolumeConfig
	ext   extension
	path  string
	owner string
}

func (c *volumeCase) mount() *kinds.Mount {
	switch c.v.Type {
	case types.VolumeTypeBind:
		return c.bind()
	case types.VolumeTypeVolume:
		return c.volume()
	case types.VolumeTypeTmpfs:
		m := &kinds.Mount{Type: kinds.MountTmpfs}
		if c.v.Tmpfs != nil {
			m.Size, m.Mode = int64(c.v.Tmpfs.Size), int(c.v.Tmpfs.Mode)
		}
		return m
	case types.VolumeTypeImage:
		c.fail(".type", "images cannot be mounted as volumes yet", "copy what you need into a volume, or into the service's own image")
	default:
		c.fail(".type", fmt.Sprintf("mounts of type %q do not exist on Incus", c.v.Type), "use volume, bind or tmpfs")
	}
	return nil
}

// volume mounts a named volume, or one of the instance's own when the entry has no name.
func (c *volumeCase) volume() *kinds.Mount {
	m := &kinds.Mount{Type: kinds.MountVolume, Source: c.v.Source}
	if c.v.Volume != nil {
		m.NoCopy, m.Subpath = c.v.Volume.NoCopy, c.v.Volume.Subpath
	}
	if c.v.Source == "" {
		m.Source = c.owner + ":" + c.v.Target // a volume key cannot have a colon
		config := kinds.VolumeConfig{Project: c.t.p.Name, Pool: c.ext.text("pool")}
		if c.v.Volume != nil {
			config.Labels = c.v.Volume.Labels
		}
		c.t.declareOnce(m.Source, config, c.path)
		return m
	}
	v, ok := c.t.p.Volumes[c.v.Source]
	if !ok {
		return nil // reported by check
	}
	if local := localMount(v); local != nil {
		if local.Type == kinds.MountBind {
			if local.Source == "" {
				c.fail(".source", fmt.Sprintf("volume %q is a bind mount of nothing", c.v.Source), "set driver_opts.device of the volume")
				return nil
			}
			local.Source = c.t.p.RelativePath(local.Source)
			if !c.t.o.RemoteServer && !exists(local.Source) {
				c.fail(".source", fmt.Sprintf("%s, the directory of volume %q, does not exist", local.Source, c.v.Source),
					"create it, or correct driver_opts.device of the volume")
			}
		}
		return local
	}
	c.t.useVolume(c.v.Source)
	return m
}

// bind mounts a host path, or a volume that is filled from it once (x-icc.seed).
func (c *volumeCase) bind() *kinds.Mount {
	source := c.v.Source
	if strings.HasSuffix(source, "/docker.sock") {
		c.fail(".source", "there is no Docker socket on Incus", "remove this mount; a service that drives Docker needs a Docker of its own")
		return nil
	}
	if c.ext.flag("seed", false) {
		name := "seed:" + naming.Hash(c.t.fromProject(source))[:12]
		config := kinds.VolumeConfig{Project: c.t.p.Name, Pool: c.ext.text("pool"), Seed: source}
		if !exists(source) {
			c.fail(".source", fmt.Sprintf("%s, whose content the volume is to get, does not exist", source), "create it, or correct the path")
		}
		c.t.declareOnce(name, config, c.path)
		return &kinds.Mount{Type: kinds.MountVolume, Source: name, NoCopy: true}
	}
	m := &kinds.Mount{Type: kinds.MountBind, Source: source, CreateHostPath: true}
	if b := c.v.Bind; b != nil {
		m.CreateHostPath = bool(b.CreateHostPath)
		m.Propagation = b.Propagation
		m.Recursive = b.Recursive == "enabled" || b.Recursive == "writable"
	}
	if c.t.o.RemoteServer {
		c.fail(".source", fmt.Sprintf("the server is another machine and does not see this one's %s", source),
			"use a volume, or let icc fill one from the directory with `x-icc: {seed: true}` on the mount")
		return nil
	}
	if exists(source) {
		return m
	}
	if m.CreateHostPath {
		c.warn(".source", fmt.Sprintf("%s does not exist; an empty directory will be made there", source),
			"create it yourself if it should be a file or have content")
		return m
	}
	c.fail(".source", fmt.Sprintf("%s does not exist", source), "create it, correct the path, or allow create_host_path")
	return m
}

func (c *volumeCase) fail(attribute, text, hint string) { c.t.fail(c.path+attribute, text, hint) }
func (c *volumeCase) warn(attribute, text, hint string) { c.t.warn(c.path+attribute, text, hint) }

// declareOnce declares a volume that is not in the compose file's volumes section.
func (t *translator) declareOnce(name string, config kinds.VolumeConfig, path string) {
	if !t.volumes[name] {
		t.volumes[name] = true
		t.declare(resource.Ref{Kind: resource.KindStorageVolume, Name: name}, config, path)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist) || !filepath.IsAbs(path)
}

// merge returns a with b's values over it.
func merge(a, b map[string]string) map[string]string {
	if len(b) == 0 {
		return a
	}
	out := map[string]string{}
	for _, m := range []map[string]string{a, b} {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}

// fromProject returns a path below the project's directory as seen from there, so that a project that is moved keeps
// what is named by it.
func (t *translator) fromProject(path string) string {
	if rel, err := filepath.Rel(t.p.WorkingDir, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}
