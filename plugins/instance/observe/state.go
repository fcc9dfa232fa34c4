package observe

import (
	"encoding/json"
	"fmt"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// Name returns the declared name of an instance, as the server's marks have it.
func Name(inst *api.Instance) string {
	if name := inst.Config[resource.KeyName]; name != "" {
		return name
	}
	return inst.Name
}

// State returns the state of an existing instance with its outputs. An empty name means the one on the server.
func State(inst *api.Instance, name string, out kinds.InstanceOutputs) (resource.State, error) {
	s := resource.State{
		Ref:       resource.Ref{Kind: resource.KindInstance, Name: name},
		IncusName: inst.Name,
		Exists:    true,
		Declared:  name != "",
		Status:    Status(inst.StatusCode),
	}
	if name == "" {
		s.Name = Name(inst)
	}
	outputs, err := json.Marshal(out)
	if err != nil {
		return s, fmt.Errorf("encoding the outputs of %q: %w", inst.Name, err)
	}
	s.Outputs, s.Pending = outputs, Pending(inst)
	if recorded := inst.Config[resource.KeyDependsOn]; recorded != "" {
		if err := json.Unmarshal([]byte(recorded), &s.DependsOn); err != nil {
			s.DependsOn = nil // written by hand or by another version: stop without an order rather than not at all
		}
	}
	return s, nil
}

// Missing returns the state of an instance that does not exist.
func Missing(r resource.Resolved) resource.State {
	return resource.State{Ref: r.Ref, IncusName: r.IncusName, Declared: true, Status: resource.StatusMissing}
}
