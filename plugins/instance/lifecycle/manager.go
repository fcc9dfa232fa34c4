package lifecycle

import (
	"time"

	"github.com/lxc/incus/v6/shared/api"

	incus "github.com/lxc/incus/v6/client"

	"github.com/icc-project/icc/plugins/instance/console"
	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/runtime"
	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// Manager acts on one instance for the length of one action.
type Manager struct {
	Server incus.InstanceServer
	// Ref and Name are the instance's names, declared and on the server.
	Ref  resource.Ref
	Name string
	// Project is the Compose project that owns it.
	Project string
	// Remote says that the server is another machine, whose paths and ports cannot be looked at.
	Remote bool
	// Rebuilds says that the server can make an instance's root file system anew.
	Rebuilds bool
	// Grace is how long a stop waits before it kills; 0 means what is recorded with the instance.
	Grace time.Duration
	Sink  resource.Sink
	// Console is the log of an instance without icc-init.
	Console *console.Log
	// waited says that changes wait for the start that is to come.
	waited bool
	// earlier is what earlier runs wrote to the console.
	earlier []byte
	// Courier brings icc-init to the others.
	Courier *runtime.Courier
}

// Result is what an action left behind.
type Result struct {
	// Outputs is nil when the action has not seen the instance.
	Outputs *kinds.InstanceOutputs
	Created bool
	Changed bool
}

// seen returns a result with the outputs of an instance.
func seen(inst *api.Instance, changed bool) *Result {
	out := observe.Outputs(inst)
	return &Result{Outputs: &out, Changed: changed}
}

// made returns the outputs of an instance that was created this moment, without asking the server for what it was told.
func made(want *spec.Instance) *api.Instance {
	return &api.Instance{
		InstancePut: api.InstancePut{Config: want.Config, Devices: api.DevicesMap(want.Devices), Profiles: want.Profiles},
		Name:        want.Name,
		Type:        want.Type,
		Status:      api.Stopped.String(),
		StatusCode:  api.Stopped,
	}
}
