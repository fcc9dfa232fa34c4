package reconcile

import (
	"maps"
	"slices"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// KeyReload says which run of the instance was given other orders and has not confirmed that it follows them. It is
// written together with the orders, so that a run of icc that ends in between leaves a trace.
const KeyReload = "user.icc.reload"

// MarkReload puts KeyReload into the configuration that is about to replace that of have, or removes it: who does not run
// reads the orders at its start.
func MarkReload(config map[string]string, have *api.Instance) {
	switch {
	case !supervisedRun(have) || !spec.Supervised(config):
		delete(config, KeyReload)
	case config[initspec.Key] != have.Config[initspec.Key]:
		config[KeyReload] = observe.Run(have)
	}
}

// Unconfirmed says whether the instance runs and may follow earlier orders than it has.
func Unconfirmed(have *api.Instance) bool {
	return supervisedRun(have) && have.Config[KeyReload] == observe.Run(have)
}

func supervisedRun(have *api.Instance) bool {
	return spec.Supervised(have.Config) && have.StatusCode != api.Stopped
}

// Doubtful says whether a change is to be corrected by InForce, for which the state of the instance's icc-init has to be
// read. That is so for few: most changes are none.
func Doubtful(c resource.Change, have *api.Instance) bool {
	switch c.Class {
	case resource.ClassNone:
		return Unconfirmed(have)
	case resource.ClassLive:
		return supervisedRun(have) && slices.ContainsFunc(c.Fields, reloads)
	}
	return false
}

// InForce corrects a change by what icc-init says of its orders: those that are not in force have to be told again, and
// an icc-init that is too old to be told takes them at a start only. A state of nil means that it cannot be read.
func InForce(c resource.Change, have *api.Instance, state *initspec.State) resource.Change {
	known := state != nil && (state.Orders != "" || state.Phase != initspec.PhaseStarting)
	switch {
	case !Doubtful(c, have):
	case c.Class == resource.ClassNone && known && state.Orders == initspec.Digest([]byte(have.Config[initspec.Key])):
	case c.Class == resource.ClassNone && known && state.Orders == "":
		c.Class, c.Reason = resource.ClassRestart, "its orders wait for a start, because its icc-init is too old to take them before"
	case c.Class == resource.ClassNone:
		c.Class, c.Reason = resource.ClassLive, "its latest orders are not in force yet"
	case known && state.Orders == "":
		c.Fields = slices.Clone(c.Fields)
		for i, f := range c.Fields {
			if reloads(f) {
				c.Fields[i].Class = resource.ClassRestart
			}
		}
		c.Class = resource.ClassRestart
		c.Reason = reason(c.Fields, c.Class) + ", for which its icc-init is too old to go on"
	}
	return c
}

// reloads tells the fields that icc-init takes while it runs by reading its orders anew.
func reloads(f resource.FieldChange) bool {
	return f.Class == resource.ClassLive && f.Path != pathGrace && f.Path != pathResolver && f.Path != pathPostStart && f.Path != pathPreStop &&
		slices.ContainsFunc(orders(), func(o order) bool { return o.path == f.Path })
}

// ToldOtherwise says whether the orders differ in nothing but what even an old icc-init need not read anew.
func ToldOtherwise(before, after map[string]string) bool {
	b, a := spec.Orders(before), spec.Orders(after)
	return b != nil && a != nil && !maps.Equal(before, after) && !slices.ContainsFunc(orderChanges(a, b), reloads)
}
