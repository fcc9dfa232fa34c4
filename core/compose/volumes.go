package compose

import (
	"fmt"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// useVolume records that a wanted service mounts a named volume.
func (t *translator) useVolume(key string) { t.volumes[key] = true }

// declareVolumes declares the named volumes that wanted services mount, or all of them.
func (t *translator) declareVolumes() {
	if t.o.AllResources {
		for key := range t.p.Volumes {
			t.useVolume(key)
		}
	}
	for _, key := range sortedKeys(t.volumes) {
		v, ok := t.p.Volumes[key]
		if !ok {
			continue // anonymous: declared where it is mounted
		}
		path := "volumes." + key
		ext := t.extension(v.Extensions, path, volumeKeys)
		config := kinds.VolumeConfig{
			Project: t.p.Name, External: bool(v.External), Pool: ext.text("pool"), Labels: v.Labels,
			Incus: ext.config, Seed: ext.text("seed"),
		}
		if config.External || v.Name != t.p.Name+"_"+key {
			config.Name = v.Name
		}
		if config.External && len(ext.config) > 0 {
			t.warn(path+"."+extIncus, "an external volume is never changed: x-incus has no effect", "configure it with incus storage volume set")
		}
		if config.Seed != "" {
			config.Seed = t.p.RelativePath(config.Seed)
		}
		if key == filesVolume {
			t.fail(path, fmt.Sprintf("%q is the name of icc's own volume for secrets and configs", key), "choose another name")
		}
		t.driver(&config, v, path)
		t.declare(resource.Ref{Kind: resource.KindStorageVolume, Name: key}, config, path)
	}
}

// driver translates a volume's driver, which on Incus is a storage pool, and its options.
func (t *translator) driver(config *kinds.VolumeConfig, v types.VolumeConfig, path string) {
	if v.Driver != "" && v.Driver != "local" {
		if config.Pool == "" {
			config.Pool = v.Driver
		}
		t.info(path+".driver", fmt.Sprintf("driver %q is taken as the name of a storage pool", v.Driver), "")
	}
	if kind := v.DriverOpts["type"]; kind != "" || v.DriverOpts["device"] != "" {
		t.fail(path+".driver_opts", fmt.Sprintf("volumes of type %q cannot be created on Incus", kind),
			"mount it on the host and use a bind mount")
		return
	}
	for _, opt := range sortedKeys(v.DriverOpts) {
		value := v.DriverOpts[opt]
		switch {
		case incusVolumeKey(opt):
			setKey(&config.Incus, opt, value)
		case opt == "o":
			t.mountOptions(config, value, path+".driver_opts.o")
		default:
			t.warn(path+".driver_opts."+opt, fmt.Sprintf("option %q has no counterpart in Incus and is ignored", opt),
				"remove it, or set what you need with x-incus")
		}
	}
}

// mountOptions reads what of Docker's "o" option makes sense for a volume.
func (t *translator) mountOptions(config *kinds.VolumeConfig, options, path string) {
	for _, opt := range strings.Split(options, ",") {
		if size, ok := strings.CutPrefix(opt, "size="); ok {
			setKey(&config.Incus, "size", size)
			continue
		}
		t.warn(path, fmt.Sprintf("mount option %q has no effect on a volume", opt), "remove it")
	}
}

// incusVolumeKey says whether a driver option is Incus' own and passed on as it is.
func incusVolumeKey(opt string) bool {
	if opt == "size" {
		return true
	}
	for _, prefix := range []string{"snapshots.", "zfs.", "block.", "btrfs.", "ceph.", "lvm.", "initial.", "security."} {
		if strings.HasPrefix(opt, prefix) {
			return true
		}
	}
	return false
}

// localMount returns the mount that a volume of Docker's local driver stands for, or nil when it is a real volume:
// a directory of the host (type none, o bind) or a tmpfs.
func localMount(v types.VolumeConfig) *kinds.Mount {
	if v.Driver != "" && v.Driver != "local" {
		return nil
	}
	switch kind := v.DriverOpts["type"]; {
	case kind == "tmpfs":
		m := kinds.Mount{Type: kinds.MountTmpfs}
		for _, opt := range strings.Split(v.DriverOpts["o"], ",") {
			applyTmpfsOption(&m, opt)
		}
		return &m
	case strings.Contains(","+v.DriverOpts["o"]+",", ",bind,") || strings.Contains(v.DriverOpts["o"], "rbind"):
		return &kinds.Mount{
			Type: kinds.MountBind, Source: v.DriverOpts["device"],
			ReadOnly: strings.Contains(","+v.DriverOpts["o"]+",", ",ro,"),
		}
	}
	return nil
}

func setKey(m *map[string]string, key, value string) {
	if *m == nil {
		*m = map[string]string{}
	}
	if _, set := (*m)[key]; !set {
		(*m)[key] = value
	}
}
