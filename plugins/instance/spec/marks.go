package spec

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// Configuration keys that instances have besides those of all objects.
const (
	KeyImage       = kinds.KeyInstanceImage  // the image's complete reference
	KeyImageName   = "user.icc.image.name"   // the name of the image resource
	KeyImageDigest = kinds.KeyInstanceDigest // the manifest's digest; the fingerprint covers the layers only
	KeyUser        = "user.icc.user"         // a user name that was looked up in the image
	KeyPendingRun  = "user.icc.pending.run"  // which run resource.KeyPending is about: the time of its start
	KeyAnonymous   = "user.icc.anonymous"    // "true" on volumes that belong to one instance
	KeyMountPath   = "user.icc.path"         // where an anonymous volume is mounted

	annotationPrefix = "user.annotation."
)

// marks writes who made the instance and what for. They are all that `ps`, `logs`, `stop` and `down` need.
func (t *translation) marks() error {
	c := t.Config
	t.set(resource.KeyProject, c.Project)
	t.set(resource.KeyName, t.Name)
	t.set(resource.KeyObject, t.IncusName)
	t.set(resource.KeyService, c.Service)
	t.set(resource.KeyNumber, strconv.Itoa(c.Number))
	t.set(resource.KeyVersion, sdk.Version)
	if c.OneOff {
		t.set(resource.KeyOneOff, "true")
	}
	t.set(KeyImage, t.Image.Reference)
	t.set(KeyImageName, c.Image)
	t.set(KeyImageDigest, t.Image.Digest)
	for name, value := range c.Labels {
		t.out.Config[resource.KeyLabel+name] = value
	}
	for name, value := range c.Annotations {
		t.out.Config[annotationPrefix+name] = value
	}
	return t.dependsOn()
}

// dependsOn records the edges to other instances, so that a stop without a compose file keeps their order.
func (t *translation) dependsOn() error {
	var edges []resource.Edge
	for _, e := range t.DependsOn {
		if e.To.Kind == resource.KindInstance {
			edges = append(edges, e)
		}
	}
	if len(edges) == 0 {
		return nil
	}
	raw, err := json.Marshal(edges)
	if err != nil {
		return fmt.Errorf("recording dependencies: %w", err)
	}
	t.set(resource.KeyDependsOn, string(raw))
	return nil
}
