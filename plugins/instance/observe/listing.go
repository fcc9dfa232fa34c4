package observe

import (
	"encoding/json"
	"fmt"
	"net/url"

	incus "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"

	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// List returns the listing of all instances of a Compose project. A missing Incus project holds none.
func List(server incus.InstanceServer, composeProject string) (json.RawMessage, error) {
	filter := "config." + resource.KeyProject + " eq " + composeProject
	found, err := sdkincus.Listed(sdkincus.Listing(server, "/1.0/instances", url.Values{"filter": {filter}}))
	if err != nil {
		return nil, fmt.Errorf("listing the instances of project %q: %w", composeProject, err)
	}
	return found, nil
}

// Get returns one instance and its ETag.
func Get(server incus.InstanceServer, name string) (*api.Instance, string, error) {
	inst, etag, err := server.GetInstance(name)
	if err != nil {
		return nil, "", sdkincus.MapError(err)
	}
	return inst, etag, nil
}

// Mine returns an error unless icc made the instance for this Compose project: nobody else's is touched.
func Mine(inst *api.Instance, composeProject string) error {
	if sdkincus.Belongs(inst.Config, composeProject) {
		return nil
	}
	owner := "was not made by icc"
	if p := inst.Config[resource.KeyProject]; p != "" {
		owner = fmt.Sprintf("belongs to the Compose project %q", p)
	}
	return resource.ErrConflict.WithText(fmt.Sprintf("the instance %q %s", inst.Name, owner)).
		WithHint("choose another project name (-p) or container_name, or remove that instance yourself")
}
