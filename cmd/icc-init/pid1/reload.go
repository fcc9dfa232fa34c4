package pid1

import (
	"context"
	"reflect"
	"slices"
	"sync"

	"github.com/icc-project/icc/cmd/icc-init/guestapi"
	"github.com/icc-project/icc/cmd/icc-init/prepare"
	"github.com/icc-project/icc/cmd/icc-init/supervise"
	"github.com/icc-project/icc/sdk/initspec"
)

// reloader makes other orders count while the command runs.
type reloader struct {
	house *house

	mu  sync.Mutex
	now initspec.Spec // the orders in force
}

// Reload reads the orders and does what Spec.Reload says can be done. What can fail comes first, so that a failure
// changes nothing that counts; the digest comes last, so that the state never claims too much. Tell is called with the
// orders in force.
func (r *reloader) Reload(tell func(*initspec.Spec)) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	client := guestapi.Client{Socket: initspec.GuestAPI, Patience: specPatience}
	wanted, digest, err := client.Orders(context.Background())
	if err != nil {
		return 0, err
	}
	return r.adopt(wanted, digest, tell)
}

// adopt is called with mu held.
func (r *reloader) adopt(wanted *initspec.Spec, digest string, tell func(*initspec.Spec)) (int, error) {
	before := r.now
	next, complete := before.Reload(*wanted)
	if err := prepare.Renew(&before, &next); err != nil {
		return 0, err
	}
	r.now = next
	if !slices.Equal(next.Resolvers, before.Resolvers) {
		r.house.names.adopt(next.Resolvers)
	}
	if next.Log != before.Log {
		r.house.log.SetLimits(next.Log)
	}
	tell(&next)
	if !reflect.DeepEqual(next.Health, before.Health) {
		r.house.tests.adopt(next.Health)
	}
	if !complete {
		return initspec.ReloadRestart, nil
	}
	r.house.state.Update(func(s *initspec.State) { s.Orders = digest })
	return initspec.ReloadDone, nil
}

// supervisor is what applets reach of PID 1: the service, and what is about all of the container.
type supervisor struct {
	*supervise.Service
	house *house
}

// Reload reads the orders again.
func (s supervisor) Reload() (int, error) { return s.house.reload.Reload(s.Adopt) }
