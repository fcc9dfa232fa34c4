package pid1

import (
	"context"
	"time"

	"github.com/icc-project/icc/cmd/icc-init/guestapi"
	"github.com/icc-project/icc/sdk/initspec"
)

// readiness reports to Incus in the background whether the service is ready. Only the latest wish counts.
type readiness struct{ wish chan bool }

const (
	// readinessPatience outlasts a restart of Incus.
	readinessPatience = 10 * time.Second
	// Pauses when Incus is away for longer, however long that is: what it believes must not stay wrong.
	readinessPause   = time.Second
	readinessLongest = 30 * time.Second
)

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
		for pause := readinessPause; ready != reported; pause = min(2*pause, readinessLongest) {
			err := client.SetState(context.Background(), ready)
			if err == nil {
				reported = ready
				break
			}
			if pause == readinessPause {
				warn(err)
			}
			select {
			case ready = <-r.wish:
			case <-time.After(pause):
			}
		}
	}
}
