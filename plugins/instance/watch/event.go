package watch

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/lxc/incus/v6/shared/api"
)

// Event is something that happened to an instance.
type Event struct {
	Key    Key
	Action string
	At     time.Time
	// Asked says that somebody asked the server for it. What an instance does by itself, nobody has asked for.
	Asked bool
	// Instance is how the instance looks; nil means that it has to be read.
	Instance *api.Instance
}

// Actions of events, as Incus calls them.
const (
	actionCreated   = api.EventLifecycleInstanceCreated
	actionUpdated   = api.EventLifecycleInstanceUpdated
	actionRenamed   = api.EventLifecycleInstanceRenamed
	actionStarted   = api.EventLifecycleInstanceStarted
	actionRestarted = api.EventLifecycleInstanceRestarted
	actionPaused    = api.EventLifecycleInstancePaused
	actionResumed   = api.EventLifecycleInstanceResumed
	actionStopped   = api.EventLifecycleInstanceStopped
	actionShutdown  = api.EventLifecycleInstanceShutdown
	actionDeleted   = api.EventLifecycleInstanceDeleted
	// actionListed is no event of the server's: the instance was found in a listing.
	actionListed = "listed"
	// actionLost is none either: the stream is lost, so what happens until the next listing is not told.
	actionLost = "lost"
)

// telling are the actions after which an instance may have to be treated otherwise.
func telling() []string {
	return []string{
		actionCreated, actionUpdated, actionRenamed, actionStarted, actionRestarted, actionPaused, actionResumed,
		actionStopped, actionShutdown,
	}
}

// parseEvent reads a lifecycle event; ok is false for what concerns no instance.
func parseEvent(raw []byte) (e Event, ok bool) {
	var outer api.Event
	var inner api.EventLifecycle
	if json.Unmarshal(raw, &outer) != nil || outer.Type != api.EventTypeLifecycle || json.Unmarshal(outer.Metadata, &inner) != nil {
		return Event{}, false
	}
	e = Event{
		Key: Key{Project: inner.Project, Name: inner.Name}, Action: inner.Action, At: outer.Timestamp, Asked: inner.Requestor != nil,
	}
	return e, inner.Name != "" && (e.Action == actionDeleted || slices.Contains(telling(), e.Action))
}
