package event

import (
	"sync"
	"time"

	"github.com/icc-project/icc/sdk/resource"
)

// Type says what an Event is about, and with it which fields are set.
type Type string

// The event types.
const (
	Started  Type = "started"  // an action on a resource began
	Progress Type = "progress" // Percent and Text
	Done     Type = "done"     // the action ended well; Changed says whether it did anything
	Failed   Type = "failed"   // Err
	Skipped  Type = "skipped"  // not begun because something it needs failed, or given up because nobody depends on it
	Output   Type = "output"   // Stream and Data of a process or a build
	Notice   Type = "notice"   // Level and Text
	Summary  Type = "summary"  // the run is over; Elapsed
)

// Event is one thing that happened.
type Event struct {
	Time   time.Time
	Type   Type
	Ref    resource.Ref
	Action resource.Action
	// IncusName is the object's name on the server; empty when it has none yet.
	IncusName string
	// Class is what kind of change the action makes, empty for actions that are no changes.
	Class   resource.Class
	Percent int // -1 when unknown
	Text    string
	Stream  resource.Stream
	Data    []byte
	Level   resource.Level
	Hint    string
	Err     error
	Changed bool
	Elapsed time.Duration
}

// Handler takes events. It is called by many goroutines at once unless it went through Serial.
type Handler func(Event)

// Serial returns a handler that passes events on one at a time and stamps them with the time.
func Serial(h Handler) Handler {
	var mu sync.Mutex
	return func(e Event) {
		mu.Lock()
		defer mu.Unlock()
		if e.Time.IsZero() {
			e.Time = time.Now()
		}
		h(e)
	}
}

// Tee returns a handler that passes events to all of hs in order.
func Tee(hs ...Handler) Handler {
	return func(e Event) {
		for _, h := range hs {
			h(e)
		}
	}
}

// Discard is a handler that drops everything.
func Discard(Event) {}
