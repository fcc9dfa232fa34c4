package observe

import (
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/resource"
)

// Pending lists the changes that are written and take effect with the instance's next start. What a run left behind
// that is over says nothing any more, whoever began the next one.
func Pending(inst *api.Instance) []string {
	recorded := inst.Config[resource.KeyPending]
	if recorded == "" || inst.StatusCode == api.Stopped || inst.Config[spec.KeyPendingRun] != Run(inst) {
		return nil
	}
	return strings.Split(recorded, ",")
}
