package observe

import (
	"strconv"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/resource"
)

// KeyHealthRun says for which run of the instance the health status was found out: the time of its start.
const KeyHealthRun = resource.HealthKeyPrefix + "run"

// Health returns the instance's health, empty when it has no test or does not run. A status that was found out before
// the latest start says nothing any more.
func Health(inst *api.Instance) string {
	if spec.Healthcheck(inst.Config) == nil || !Running(inst.StatusCode) {
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
