package watch

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk/resource"
)

// Source is where a Watcher learns what there is and what happens.
type Source interface {
	// Follow opens the stream of events; what happens after it returns is in it.
	Follow(ctx context.Context) (Stream, error)
	// List returns all instances that may be seen.
	List(ctx context.Context) ([]api.Instance, error)
}

// Stream is an open stream of events.
type Stream interface {
	// Next blocks until something happens; an error means that the stream is lost.
	Next() (Event, error)
	// Close makes Next return.
	Close()
}

// Instances is what a Watcher does with an instance.
type Instances interface {
	// Get reads an instance; what does not exist wraps resource.ErrNotFound.
	Get(ctx context.Context, key Key) (*api.Instance, error)
	// Write sets configuration keys, an empty value removes one. It wraps resource.ErrConflict when the instance on the
	// server is another one than inst, has opted out, or is in another run unless anyRun says that this does not matter.
	Write(ctx context.Context, inst *api.Instance, keys map[string]string, anyRun bool) error
	// Test runs a command in the instance and returns its exit code and the end of its output.
	Test(ctx context.Context, inst *api.Instance, argv []string) (int, string, error)
	Start(ctx context.Context, inst *api.Instance) error
}

// Key names an instance on the server.
type Key struct{ Project, Name string }

func keyOf(inst *api.Instance) Key { return Key{Project: inst.Project, Name: inst.Name} }

// Pauses between two attempts to reach the server.
const (
	firstPause = 250 * time.Millisecond
	lastPause  = 10 * time.Second
)

// farewell bounds the removal of the markers at the end. It is shorter than what the host leaves a plugin.
const farewell = 2 * time.Second

// Watcher watches the instances of Compose projects.
type Watcher struct {
	Source    Source
	Instances Instances
	// Projects are the Compose projects to watch; empty means all.
	Projects []string
	Sink     resource.Sink

	guards map[Key]*guard
	ended  sync.WaitGroup
}

// Run watches until ctx ends, which is no error. A server that cannot be reached at the beginning is one; later it is
// waited for.
func (w *Watcher) Run(ctx context.Context) error {
	w.guards = map[Key]*guard{}
	defer w.farewell()
	pause, known := firstPause, false
	for {
		listed, err := w.follow(ctx, known)
		if ctx.Err() != nil {
			return nil
		}
		if !known && !listed {
			return err
		}
		if listed {
			w.Sink.Notice(resource.LevelWarning, fmt.Sprintf("the connection to the server is lost and will be made again: %v", err))
			pause, known = firstPause, true
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		pause = min(2*pause, lastPause)
	}
}

// follow watches over one stream of events until that is lost; listed says whether it came to watch at all.
func (w *Watcher) follow(ctx context.Context, again bool) (listed bool, err error) {
	stream, err := w.Source.Follow(ctx)
	if err != nil {
		return false, err
	}
	defer stream.Close()
	stop := context.AfterFunc(ctx, stream.Close)
	defer stop()
	if err := w.list(ctx, again); err != nil {
		return false, err
	}
	for {
		event, err := stream.Next()
		if err != nil {
			for key, g := range w.guards {
				g.post(Event{Key: key, Action: actionLost})
			}
			return true, err
		}
		w.pass(ctx, event)
	}
}

// list looks at everything there is.
func (w *Watcher) list(ctx context.Context, again bool) error {
	all, err := w.Source.List(ctx)
	if err != nil {
		return err
	}
	seen, projects := map[Key]bool{}, map[string]bool{}
	for i := range all {
		inst := &all[i]
		if !w.mine(inst) {
			continue
		}
		seen[keyOf(inst)] = true
		projects[inst.Config[resource.KeyProject]] = true
		w.guard(ctx, keyOf(inst)).post(Event{Key: keyOf(inst), Action: actionListed, Instance: inst})
	}
	for key, g := range w.guards {
		if !seen[key] {
			g.dismiss()
			delete(w.guards, key)
		}
	}
	text := fmt.Sprintf("watching %s in %s", count(len(seen), "instance"), count(len(projects), "project"))
	if again {
		text = "connected again, " + text
	}
	w.Sink.Notice(resource.LevelInfo, text)
	return nil
}

// pass hands an event to whom it concerns.
func (w *Watcher) pass(ctx context.Context, e Event) {
	if e.Action == actionDeleted {
		if g := w.guards[e.Key]; g != nil {
			g.dismiss()
			delete(w.guards, e.Key)
		}
		return
	}
	if slices.Contains(telling(), e.Action) {
		w.guard(ctx, e.Key).post(e)
	}
}

// guard returns the instance's guard, which begins to work when it is new.
func (w *Watcher) guard(ctx context.Context, key Key) *guard {
	g := w.guards[key]
	if g == nil {
		g = newGuard(w, key)
		w.guards[key] = g
		w.ended.Go(func() { g.run(ctx) })
	}
	return g
}

// farewell waits until the guards have taken their markers away, as long as there is time for it.
func (w *Watcher) farewell() {
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.ended.Wait()
	}()
	select {
	case <-done:
	case <-time.After(farewell):
		w.Sink.Notice(resource.LevelWarning, "the server does not answer: some instances keep the marker of a health daemon")
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
