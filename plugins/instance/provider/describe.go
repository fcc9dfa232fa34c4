package provider

import (
	"context"
	"fmt"

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
			Calls:         []string{callPort, kinds.CallKill, kinds.CallTop, kinds.CallExit},
			NeedsIncus:    true,
		}},
	}, nil
}

// checkKind refuses what is not an instance.
func checkKind(ref resource.Ref) error {
	if ref.Kind == resource.KindInstance {
		return nil
	}
	return resource.ErrUnknownResource.WithResource(ref).WithText(fmt.Sprintf("the instance plugin does not know the kind %q", ref.Kind))
}
