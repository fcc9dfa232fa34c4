package watch

import (
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/observe"
)

// quiet is how long an instance that was started has to be stopped, without a word from the server, for that to be an
// end of its own. Of a stop that somebody asked for the server tells right after the instance has stopped.
const quiet = 3 * time.Second

// begins notes that the instance was started.
func (g *guard) begins() { g.begun, g.down = true, time.Time{} }

// undecided says whether it has to be waited for what became of a start. An end that comes before the server is done
// with the start is none to it: it neither tells of it nor restarts the instance. While it is at the start it calls the
// instance stopped, and what somebody stops right afterwards looks the same until that is told.
func (g *guard) undecided(inst *api.Instance) bool {
	switch {
	case !g.begun || g.restart != nil:
		return false
	case observe.Running(inst.StatusCode), inst.StatusCode == api.Frozen:
		g.begun = false
		return false
	case inst.StatusCode != api.Stopped: // on the way
		g.down = time.Time{}
		return true
	case g.down.IsZero():
		g.down = time.Now()
		return true
	case time.Since(g.down) < quiet:
		return true
	}
	g.begun, g.starting = false, false
	g.alone = inst.LastUsedAt // it ended as it began
	return false
}
