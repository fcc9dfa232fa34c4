package spec

import (
	"strconv"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// anonymousVolumes gives each mount point that only the image declares a volume of its own, so that its data survives
// the instance being made anew. The volume's name follows from project, service, number and path.
func (t *translation) anonymousVolumes() error {
	p := t.Image.Process
	if p == nil || !t.oci() || t.Host.AnonymousVolume == nil {
		return nil
	}
	for _, target := range p.Volumes {
		if t.mounted(target) {
			continue
		}
		c := t.Config
		name := t.Host.AnonymousVolume(c.Service, c.Number, target)
		v := AnonymousVolume{
			Pool: t.Host.Pool,
			Name: name,
			Path: target,
			Config: map[string]string{
				resource.KeyProject: c.Project,
				resource.KeyName:    t.Name + ":" + target,
				resource.KeyObject:  name,
				resource.KeyService: c.Service,
				resource.KeyNumber:  strconv.Itoa(c.Number),
				KeyAnonymous:        "true",
				KeyMountPath:        target,
				"security.shifted":  "true", // as all volumes of icc, whatever the instance's id map
				// Mount points that the image lacks would be closed to all but root.
				"initial.mode": "0755",
			},
		}
		t.out.Volumes = append(t.out.Volumes, v)
		t.mount(kinds.Mount{Target: target}, map[string]string{"pool": v.Pool, "source": v.Name, initialCopy: "true"})
	}
	return nil
}
