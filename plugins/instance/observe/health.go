package observe

import (
	"strconv"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// KeyHealthRun says for which run of the instance the health status was found out: the time of its start.
const KeyHealthRun = resource.HealthKeyPrefix + "run"

// Health returns the instance's health, empty when it has no test or does not run. icc-init tells the server of a
// healthy service, everything else is in its state file, see package runstate. For other instances somebody records
// what he found out, which says nothing any more after the next start.
func Health(inst *api.Instance) string { return health(inst, spec.Orders(inst.Config)) }

func health(inst *api.Instance, orders *initspec.Spec) string {
	if !Running(inst.StatusCode) {
		return ""
	}
	if orders != nil {
		switch {
		case orders.Health == nil:
			return ""
		case inst.StatusCode == api.Ready:
			return resource.HealthHealthy
		}
		return resource.HealthStarting
	}
	if spec.Healthcheck(inst.Config) == nil {
		return ""
	}
	status := inst.Config[resource.HealthStatusKey]
	if status == "" || inst.Config[KeyHealthRun] != Run(inst) {
		return resource.HealthStarting
	}
	return status
}

// Run identifies the run of an instance by the time of its start.
func Run(inst *api.Instance) string {
	return strconv.FormatInt(inst.LastUsedAt.UnixNano(), 10)
}

// NeverStarted says that the instance was created and nothing more.
func NeverStarted(inst *api.Instance) bool {
	return inst.StatusCode == api.Stopped && inst.LastUsedAt.Unix() <= 0
}
