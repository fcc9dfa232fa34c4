//go:build incus

package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	incus "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"
)

// markPrefix begins the names of the profiles that tell how far the events have come.
const markPrefix = "e2e-mark-"

// watch collects what the server tells of.
type watch struct {
	p        *project
	listener *incus.EventListener

	mu    sync.Mutex
	marks map[string]time.Time
	told  []string
	since time.Time
}

// watch listens to all of the server from now on, until the test ends: keep says how an event is noted, or nothing when
// it does not matter. What was done before has been told of when it returns.
func (p *project) watch(keep func(api.Event, api.EventLifecycle) string, types ...string) *watch {
	p.t.Helper()

	listener, err := p.host.Incus(p.t).GetEventsAllProjects()
	p.must(err)
	p.t.Cleanup(listener.Disconnect)

	w := &watch{p: p, listener: listener, marks: map[string]time.Time{}}
	_, err = listener.AddHandler(types, func(event api.Event) {
		var of api.EventLifecycle
		if event.Type == api.EventTypeLifecycle && json.Unmarshal(event.Metadata, &of) != nil {
			return
		}

		w.mu.Lock()
		defer w.mu.Unlock()

		if _, mark, ok := strings.Cut(of.Source, "/profiles/"+markPrefix); ok {
			mark, _, _ = strings.Cut(mark, "?")
			w.marks[mark] = event.Timestamp
		} else if text := keep(event, of); text != "" && !event.Timestamp.Before(w.since) {
			w.told = append(w.told, text)
		}
	})
	p.must(err)

	// What was done before may be told of after the mark all the same.
	since := w.mark()

	w.mu.Lock()
	defer w.mu.Unlock()

	w.since, w.told = since, nil

	return w
}

// seen waits until what has happened so far was told of, and returns what is new of it. Events may overtake each other:
// who wants to see something asks again until it is there.
func (w *watch) seen() []string {
	w.p.t.Helper()
	w.mark()
	w.mark() // what the first one has overtaken has come when a second one has gone all the way

	w.mu.Lock()
	defer w.mu.Unlock()

	told := slices.Clone(w.told)
	w.told = nil

	return told
}

// mark makes a profile, which the server tells of after all that has happened so far, and returns when that was.
func (w *watch) mark() time.Time {
	w.p.t.Helper()

	mark := fmt.Sprintf("%s-%d", w.p.name, time.Now().UnixNano())
	w.p.must(w.p.server.CreateProfile(api.ProfilesPost{Name: markPrefix + mark}))
	w.p.must(w.p.server.DeleteProfile(markPrefix + mark))

	var at time.Time

	w.p.until(30*time.Second, "the server tells of a mark", func() (string, bool) {
		w.mu.Lock()
		defer w.mu.Unlock()

		at = w.marks[mark]

		return fmt.Sprintf("%q", w.told), !at.IsZero()
	})

	return at
}

// sees waits until the server has told of something that begins so, and returns all that it has told of by then.
func (w *watch) sees(prefix string) []string {
	w.p.t.Helper()

	var told []string

	eventually(w.p.t, 30*time.Second, func() string {
		told = append(told, w.seen()...)
		if !slices.ContainsFunc(told, func(text string) bool { return strings.HasPrefix(text, prefix) }) {
			return fmt.Sprintf("the server tells of nothing like %q: %q", prefix, told)
		}

		return ""
	})

	return told
}

// changes collects what the server says was changed of the project while do runs. What only reads is left out: files
// and logs that were retrieved. So is the lock of a run that changes something.
func (p *project) changes(do func()) []string {
	p.t.Helper()

	return slices.DeleteFunc(p.writes(do), func(change string) bool { return strings.Contains(change, "/icc-lock-") })
}

// writes are the changes and the locks that are taken and given back. That a lock is renewed is left out: its owner may be
// somebody else.
func (p *project) writes(do func()) []string {
	p.t.Helper()

	w := p.watchWrites()
	defer w.listener.Disconnect()

	do()

	return w.seen()
}

// watchWrites watches what writes returns.
func (p *project) watchWrites() *watch {
	p.t.Helper()

	return p.watch(func(event api.Event, of api.EventLifecycle) string {
		// Readiness is what a health test inside the instance reports.
		if strings.HasSuffix(of.Action, "-retrieved") || of.Action == api.EventLifecycleInstanceReady {
			return ""
		}

		if strings.HasSuffix(of.Action, "-updated") && strings.Contains(of.Source, "/icc-lock-") {
			return ""
		}

		if event.Project != p.name && !strings.Contains(of.Source+" "+of.Name, p.name) {
			return ""
		}

		return of.Action + " " + of.Source
	}, api.EventTypeLifecycle)
}

// changesNothing fails the test when the server says that anything of the project changed while do ran.
func (p *project) changesNothing(what string, do func()) {
	p.t.Helper()

	if seen := p.writes(do); len(seen) > 0 {
		p.t.Errorf("%s changed the server: %q", what, seen)
	}
}
