package watch

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/resource"
)

// fake is a server with instances in memory, in synctest's time.
type fake struct {
	mu        sync.Mutex
	instances map[Key]*api.Instance
	streams   []*fakeStream
	began     time.Time
	// away refuses everything, mute only new streams.
	away, mute bool
	// test answers health tests; nil means that they succeed.
	test func(ctx context.Context, inst *api.Instance) (int, string, error)
	// stillborn is how many of the next starts end before the server is done with them, of which it does not tell.
	stillborn int
	// seen is what happened, with the time since the beginning.
	seen []string
}

var errAway = resource.ErrConnectionFailed.WithText("nobody is there")

func newFake() *fake { return &fake{instances: map[Key]*api.Instance{}, began: time.Now()} }

func (f *fake) note(format string, args ...any) {
	f.seen = append(f.seen, fmt.Sprintf("%s ", time.Since(f.began))+fmt.Sprintf(format, args...))
}

// add makes an instance of the project shop that runs.
func (f *fake) add(name string, config map[string]string) Key {
	f.mu.Lock()
	defer f.mu.Unlock()
	full := map[string]string{resource.KeyProject: "shop", "volatile.uuid": name + " made at " + time.Now().String()}
	maps.Copy(full, config)
	key := Key{Project: "p", Name: name}
	f.instances[key] = &api.Instance{
		Name: name, Project: "p", Status: "Running", StatusCode: api.Running, LastUsedAt: time.Now(), InstancePut: api.InstancePut{Config: full},
	}
	return key
}

// happens changes the instance and tells of it.
func (f *fake) happens(key Key, action string, asked bool, change func(*api.Instance)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if change != nil {
		change(f.instances[key])
	}
	f.emit(Event{Key: key, Action: action, At: time.Now(), Asked: asked})
}

// silently changes the instance, of which nothing is told.
func (f *fake) silently(key Key, change func(*api.Instance)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f.instances[key])
}

func (f *fake) emit(e Event) {
	for _, s := range f.streams {
		s.events <- e
	}
}

// ends lets the instance end by itself.
func (f *fake) ends(key Key) {
	f.happens(key, actionShutdown, false, stopped)
}

// loses breaks all streams.
func (f *fake) loses() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.streams {
		s.Close()
	}
	f.streams = nil
}

func (f *fake) setAway(away bool) {
	f.mu.Lock()
	f.away = away
	f.mu.Unlock()
}

func (f *fake) setMute(mute bool) {
	f.mu.Lock()
	f.mute = mute
	f.mu.Unlock()
}

// config is what the server has of an instance's configuration.
func (f *fake) config(key Key, name string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.instances[key].Config[name]
}

func (f *fake) happened() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.seen...)
}

// Follow implements Source.
func (f *fake) Follow(context.Context) (Stream, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.away || f.mute {
		return nil, errAway
	}
	s := &fakeStream{events: make(chan Event, 100), closed: make(chan struct{})}
	f.streams = append(f.streams, s)
	return s, nil
}

// List implements Source.
func (f *fake) List(context.Context) ([]api.Instance, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []api.Instance
	for _, inst := range f.instances {
		all = append(all, *clone(inst))
	}
	return all, nil
}

// Get implements Instances.
func (f *fake) Get(_ context.Context, key Key) (*api.Instance, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	inst := f.instances[key]
	switch {
	case f.away:
		return nil, errAway
	case inst == nil:
		return nil, resource.ErrNotFound
	}
	return clone(inst), nil
}

// Write implements Instances.
func (f *fake) Write(_ context.Context, inst *api.Instance, keys map[string]string, anyRun bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.instances[keyOf(inst)]
	switch {
	case f.away:
		return errAway
	case now == nil:
		return resource.ErrNotFound
	case !same(now, inst, anyRun):
		return resource.ErrConflict
	}
	maps.Copy(now.Config, keys)
	if status, ok := keys[resource.HealthStatusKey]; ok {
		f.note("%s %s", inst.Name, status)
	}
	f.emit(Event{Key: keyOf(inst), Action: actionUpdated, At: time.Now(), Asked: true})
	return nil
}

// Test implements Instances.
func (f *fake) Test(ctx context.Context, inst *api.Instance, _ []string) (int, string, error) {
	f.mu.Lock()
	away, test := f.away, f.test
	f.mu.Unlock()
	switch {
	case away:
		return 0, "", errAway
	case test != nil:
		return test(ctx, inst)
	}
	return 0, "", nil
}

// Start implements Instances.
func (f *fake) Start(_ context.Context, inst *api.Instance) error {
	f.mu.Lock()
	away := f.away
	if !away {
		f.note("%s started", inst.Name)
	}
	f.mu.Unlock()
	if away {
		return errAway
	}
	f.happens(keyOf(inst), actionStarted, true, func(i *api.Instance) {
		started(i)
		if f.stillborn > 0 {
			f.stillborn--
			stopped(i)
		}
	})
	return nil
}

// started is what a start does to an instance.
func started(i *api.Instance) { i.StatusCode, i.LastUsedAt = api.Running, time.Now() }

func stopped(i *api.Instance) { i.StatusCode = api.Stopped }

// stillborn is what a start does to an instance that ends before the server is done with it.
func stillborn(i *api.Instance) {
	started(i)
	stopped(i)
}

func clone(inst *api.Instance) *api.Instance {
	copied := *inst
	copied.Config = maps.Clone(inst.Config)
	return &copied
}

type fakeStream struct {
	events chan Event
	closed chan struct{}
	once   sync.Once
}

// Next implements Stream.
func (s *fakeStream) Next() (Event, error) {
	select {
	case e := <-s.events:
		return e, nil
	case <-s.closed:
		return Event{}, errors.New("the stream has ended")
	}
}

// Close implements Stream.
func (s *fakeStream) Close() { s.once.Do(func() { close(s.closed) }) }

// watching runs do while a Watcher watches the server, and ends it in order.
func watching(t *testing.T, f *fake, do func(), projects ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	w := &Watcher{Source: f, Instances: f, Projects: projects, Sink: resource.Discard{}}
	go func() { done <- w.Run(ctx) }()
	synctest.Wait()
	do()
	cancel()
	if err := <-done; err != nil {
		t.Errorf("it ended with %v", err)
	}
}

// after lets time pass.
func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func restarts(policy string) map[string]string { return map[string]string{spec.KeyRestart: policy} }

// tested has a health test every second that fails twice before it counts.
func tested() map[string]string {
	return map[string]string{
		resource.HealthKeyPrefix + "test": `["CMD","true"]`, resource.HealthKeyPrefix + "interval": "1s", resource.HealthKeyPrefix + "retries": "2",
	}
}

func runOf(f *fake, key Key) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return observe.Run(f.instances[key])
}
