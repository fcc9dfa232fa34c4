package main

import (
	"fmt"
	"strings"

	incus "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"

	sdkincus "github.com/icc-project/icc/sdk/incus"
)

// lockPlace is where locks lie: objects of the server without any effect, with a configuration. Creating one is atomic.
type lockPlace interface {
	create(name string, config map[string]string) error
	names() ([]string, error)
	get(name string) (map[string]string, error)
	set(name string, config map[string]string) error
	delete(name string) error
}

// lockPlace returns the place that everyone who works in the Incus project sees: its profiles, or else its volumes.
// Profiles cost nothing, but a project without profiles of its own shows those of another one, which not everyone who
// may work in it may change.
func (s *server) lockPlace() (lockPlace, error) {
	if s.settings.ProjectOwned {
		return profilePlace{s.InstanceServer}, nil
	}
	p, _, err := s.get(s.settings.IncusProject)
	if err != nil {
		return nil, err
	}
	if p == nil || p.Config["features.profiles"] == "true" || p.Config["features.storage.volumes"] != "true" {
		return profilePlace{s.InstanceServer}, nil
	}
	return volumePlace{s.InstanceServer, s.settings.StoragePool}, nil
}

type profilePlace struct{ incus.InstanceServer }

func (p profilePlace) create(name string, config map[string]string) error {
	return p.CreateProfile(api.ProfilesPost{Name: name, ProfilePut: lockProfile(config)})
}

func (p profilePlace) names() ([]string, error) { return p.GetProfileNames() }

func (p profilePlace) get(name string) (map[string]string, error) {
	profile, _, err := p.GetProfile(name)
	if err != nil {
		return nil, err
	}
	return profile.Config, nil
}

func (p profilePlace) set(name string, config map[string]string) error {
	return p.UpdateProfile(name, lockProfile(config), "")
}

func (p profilePlace) delete(name string) error { return p.DeleteProfile(name) }

const lockDescription = "Held by a run of icc that changes the project"

func lockProfile(config map[string]string) api.ProfilePut {
	return api.ProfilePut{Description: lockDescription, Config: config}
}

type volumePlace struct {
	incus.InstanceServer
	pool string
}

const customVolume = "custom"

func (v volumePlace) create(name string, config map[string]string) error {
	return v.CreateStoragePoolVolume(v.pool, api.StorageVolumesPost{
		Name: name, Type: customVolume, StorageVolumePut: api.StorageVolumePut{Description: lockDescription, Config: config},
	})
}

// names leaves out the volumes of other types, which come as "container/web-1".
func (v volumePlace) names() ([]string, error) {
	all, err := v.GetStoragePoolVolumeNames(v.pool)
	var names []string
	for _, n := range all {
		if name, ok := strings.CutPrefix(n, customVolume+"/"); ok {
			names = append(names, name)
		}
	}
	return names, err
}

func (v volumePlace) get(name string) (map[string]string, error) {
	volume, _, err := v.GetStoragePoolVolume(v.pool, customVolume, name)
	if err != nil {
		return nil, err
	}
	return volume.Config, nil
}

// set keeps the keys that the server adds to every volume.
func (v volumePlace) set(name string, config map[string]string) error {
	volume, _, err := v.GetStoragePoolVolume(v.pool, customVolume, name)
	if err != nil {
		return err
	}
	put := volume.Writable()
	put.Config = sdkincus.Merge(put.Config, config)
	if err := v.UpdateStoragePoolVolume(v.pool, customVolume, name, put, ""); err != nil {
		return fmt.Errorf("renewing the volume: %w", err)
	}
	return nil
}

func (v volumePlace) delete(name string) error {
	return v.DeleteStoragePoolVolume(v.pool, customVolume, name)
}
