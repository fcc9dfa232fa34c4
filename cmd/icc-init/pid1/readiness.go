package pid1

import (
	"context"
	"time"

	"github.com/icc-project/icc/cmd/icc-init/guestapi"
	"github.com/icc-project/icc/sdk/initspec"
)

// readiness reports to Incus in the background whether the service is ready. Only the latest wish counts.
type readiness struct{ wish chan bool }

// readinessPatience outlasts a restart of Incus. The next change comes in between anyway.
const readinessPatience = 2 * time.Minute

func newReadiness() *readiness {
	r := &readiness{wish: make(chan bool, 1)}
	go r.report(guestapi.Client{Socket: initspec.GuestAPI, Patience: readinessPatience})
	return r
}

// set is called by one goroutine at a time: the health tests'.
func (r *readiness) set(ready bool) {
	select {
	case <-r.wish: // outdated
	default:
	}
	r.wish <- ready
}

func (r *readiness) report(client guestapi.Client) {
	reported := false // Incus starts instances as not ready
	for ready := range r.wish {
		if ready == reported {
			continue
		}
		if err := client.SetState(context.Background(), ready); err != nil {
			warn(err)
			continue
		}
		reported = ready
	}
}
