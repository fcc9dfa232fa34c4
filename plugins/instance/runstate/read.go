package runstate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/runtime"
	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// maxState bounds a state file: five outputs of 4 KiB, of which JSON may make six times as much.
const maxState = 256 << 10

// ErrNone says that icc-init has not left a state yet.
var ErrNone = resource.ErrNotFound.WithText("icc-init has left no state")

// Read reads the state of an instance.
func Read(ctx context.Context, volume *runtime.Volume, place runtime.Place) (*initspec.State, error) {
	raw, err := volume.ReadFile(ctx, place.StateFile(), maxState)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, err
	}
	var s initspec.State
	if err := json.Unmarshal(raw, &s); err != nil {
		return nil, resource.ErrInvalidFormat.WithText(fmt.Sprintf("%s is damaged", place.StateFile())).Wrap(err)
	}
	if s.Version != initspec.Version {
		return nil, resource.ErrInvalidFormat.WithText(fmt.Sprintf("%s has version %d; this icc knows version %d", place.StateFile(), s.Version, initspec.Version)).
			WithHint("recreate the instance, or use the icc that made it")
	}
	return &s, nil
}

// Result is what a reading gave: one of both.
type Result struct {
	State *initspec.State
	Err   error
}

// Wanted says whether the listing alone does not tell how the instance is doing. With details it does not for any
// instance that was ever started.
func Wanted(inst *api.Instance, details bool) bool {
	orders := spec.Orders(inst.Config)
	switch {
	case !spec.Supervised(inst.Config) || observe.NeverStarted(inst):
		return false
	case details, inst.StatusCode == api.Stopped:
		return true
	}
	return orders != nil && orders.Health != nil && inst.StatusCode != api.Ready
}

// ReadAll reads the states of the wanted instances at once and returns them by the instances' names.
func ReadAll(ctx context.Context, volumes *runtime.Volumes, instances []api.Instance, details bool) map[string]Result {
	const atOnce = 16
	var (
		mu    sync.Mutex
		all   sync.WaitGroup
		slots = make(chan struct{}, atOnce)
		found = map[string]Result{}
	)
	for i := range instances {
		inst := &instances[i]
		place, ok := runtime.Locate(inst)
		if !ok || !Wanted(inst, details) {
			continue
		}
		volume := volumes.Open(ctx, place.Pool, place.Volume)
		defer volume.Close() // not before all have been read, so that they share the connection
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			s, err := Read(ctx, volume, place)
			mu.Lock()
			defer mu.Unlock()
			found[inst.Name] = Result{s, err}
		})
	}
	all.Wait()
	return found
}
