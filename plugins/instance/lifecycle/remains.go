package lifecycle

import (
	"context"
	"fmt"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk/resource"
)

// keyTemplate is what the server keeps, while it makes an instance and until its first start, of how it was made.
const keyTemplate = "volatile.apply_template"

// neverRan says whether the instance has not been started since it was created. One that was copied or restored has a
// past elsewhere.
func neverRan(inst *api.Instance) bool {
	how := inst.Config[keyTemplate]
	return (how == "create" || how == "") && inst.Config[keyPower] == "" && inst.LastUsedAt.Unix() <= 0
}

// clearRemains removes an instance whose creation nobody has finished. A server that is killed meanwhile keeps the
// record of an instance without its root file system, or with a part of it. It has never run, so nothing is lost.
func (m *Manager) clearRemains(ctx context.Context) error {
	if _, err := m.Delete(ctx, false); err != nil {
		return err
	}
	return resource.ErrConflict.WithText(fmt.Sprintf("the creation of %s was interrupted, and what was left of it has been removed", m.Name)).
		WithHint("`icc up` creates it")
}
