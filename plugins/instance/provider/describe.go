package provider

import (
	"context"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/sdk/schema"
)

// callPort is the verb that tells where a port of the instance is published.
const callPort = "port"

// actions are what can be done with an instance.
func actions() []resource.Action {
	return []resource.Action{
		resource.ActionEnsure, resource.ActionStart, resource.ActionStop,
		resource.ActionDelete, resource.ActionLog, resource.ActionWait, resource.ActionComplete,
		resource.ActionMonitor, resource.ActionRollback,
	}
}

// calls are the verbs of instances: those of package kinds, and callPort.
func calls() []string { return []string{callPort, kinds.CallKill, kinds.CallTop, kinds.CallExit} }

// Describe implements sdk.Provider.
func (p *Provider) Describe(context.Context) (*sdk.Description, error) {
	return &sdk.Description{
		Name:    "instance",
		Version: sdk.Version,
		Summary: "runs the services of a Compose project as Incus instances",
		Kinds: []sdk.Kind{{
			Kind:          resource.KindInstance,
			Priority:      resource.PriorityInstance,
			Actions:       append(actions(), resource.ActionWatch),
			ConfigSchema:  schema.Of(kinds.InstanceConfig{}),
			OutputsSchema: schema.Of(kinds.InstanceOutputs{}),
			Sessions:      []string{sdk.SessionExec, sdk.SessionExecDetached, sdk.SessionAttach},
			Calls:         calls(),
			NeedsIncus:    true,
		}},
	}, nil
}
