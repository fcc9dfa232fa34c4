package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	client "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// usersOf returns the instances by the image that they were made from, now or before.
func usersOf(server client.InstanceServer, allProjects bool) (map[string][]kinds.ImageUser, error) {
	get := server.GetInstances
	if allProjects {
		get = server.GetInstancesAllProjects
	}
	list, err := incus.Listed(get(api.InstanceTypeAny))
	if err != nil {
		return nil, fmt.Errorf("looking for the images' users: %w", incus.MapError(err))
	}
	out := map[string][]kinds.ImageUser{}
	for _, i := range list {
		user := kinds.ImageUser{
			Instance: i.Name, IncusProject: i.Project, Project: i.Config[resource.KeyProject],
			Reference: i.Config[kinds.KeyInstanceImage], Digest: i.Config[kinds.KeyInstanceDigest],
		}
		fingerprint := i.Config["volatile.base_image"]
		out[fingerprint] = append(out[fingerprint], user)
		user.Reference, user.Digest, user.Previous = "", "", true
		for _, fingerprint := range previousImages(i.Config) {
			out[fingerprint] = append(out[fingerprint], user)
		}
	}
	return out, nil
}

// previousImages returns the fingerprints in whatever an instance remembers of what it was.
func previousImages(config map[string]string) []string {
	var out []string
	for key, value := range config {
		if strings.HasPrefix(key, kinds.KeyInstancePrevious) {
			out = append(out, regexp.MustCompile(`\b[0-9a-f]{64}\b`).FindAllString(value, -1)...)
		}
	}
	return out
}

// users counts the instances, of all projects, that were made from the image, now or before.
func (j *job) users(fingerprint string) (int, error) {
	all, err := usersOf(j.server, true)
	if errors.Is(err, resource.ErrPermission) {
		// Only our own project can be seen; an image that others may use has to stay.
		return 1, nil
	}
	if err != nil {
		return 0, err
	}
	return len(all[fingerprint]), nil
}
