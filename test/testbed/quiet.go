package testbed

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lxc/incus/v6/shared/api"
)

// lateTime is how long an event may be on its way.
const lateTime = 200 * time.Millisecond

// Quiet listens to the server and returns a function that fails the test if anything on it has changed since, in
// whatever project. Reading is no change.
func (h Host) Quiet(t testing.TB) (quiet func()) {
	t.Helper()

	listener, err := h.Incus(t).GetEventsAllProjects()
	if err != nil {
		t.Fatalf("listening to the server: %v", err)
	}

	var mu sync.Mutex

	var changes []string

	_, err = listener.AddHandler([]string{api.EventTypeLifecycle}, func(event api.Event) {
		var life api.EventLifecycle

		// What cannot be read is shown as it came.
		if json.Unmarshal(event.Metadata, &life) != nil {
			life.Action = string(event.Metadata)
		}

		// An instance says itself, some time after its start, that it is ready.
		if strings.HasSuffix(life.Action, "-retrieved") || life.Action == api.EventLifecycleInstanceReady {
			return
		}

		mu.Lock()
		defer mu.Unlock()

		changes = append(changes, life.Action+" "+life.Source)
	})
	if err != nil {
		t.Fatalf("listening to the server: %v", err)
	}

	return func() {
		t.Helper()
		time.Sleep(lateTime)
		listener.Disconnect()
		mu.Lock()
		defer mu.Unlock()

		for _, change := range changes {
			t.Errorf("the server has changed: %s", change)
		}
	}
}
