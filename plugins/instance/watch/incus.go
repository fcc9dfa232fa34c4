package watch

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/gorilla/websocket"
	incus "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/guest"
	"github.com/icc-project/icc/plugins/instance/lifecycle"
	"github.com/icc-project/icc/plugins/instance/observe"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// Incus is the server as a Watcher needs it. It implements Source and Instances.
type Incus struct {
	Server incus.InstanceServer
	// Project is the only Incus project to look into; empty means all that may be seen. A certificate that is restricted to
	// some projects sees the instances and events of those.
	Project string
	// Manage returns what acts on an instance over a connection to the instance's project.
	Manage func(server incus.InstanceServer, inst *api.Instance) *lifecycle.Manager
}

var (
	_ Source    = (*Incus)(nil)
	_ Instances = (*Incus)(nil)
)

// in returns the connection to a project.
func (i *Incus) in(project string) incus.InstanceServer { return i.Server.UseProject(project) }

// List implements Source.
func (i *Incus) List(context.Context) ([]api.Instance, error) {
	if i.Project != "" {
		return sdkincus.Listed(i.in(i.Project).GetInstances(api.InstanceTypeAny))
	}
	return sdkincus.Listed(i.Server.GetInstancesAllProjects(api.InstanceTypeAny))
}

// Follow implements Source. The client's own listener hands events on in no particular order, which matters here.
func (i *Incus) Follow(context.Context) (Stream, error) {
	q := url.Values{"type": {api.EventTypeLifecycle}}
	if i.Project != "" {
		q.Set("project", i.Project)
	} else {
		q.Set("all-projects", "true")
	}
	conn, err := i.Server.RawWebsocket("/events?" + q.Encode())
	if err != nil {
		return nil, sdkincus.MapError(fmt.Errorf("opening the stream of events: %w", err))
	}
	s := &stream{conn: conn}
	answer := conn.PingHandler()
	conn.SetPingHandler(func(data string) error {
		s.alive()
		return answer(data)
	})
	s.alive()
	return s, nil
}

// silence is how long a stream may be silent before it counts as lost: the server sends a ping every 10 s.
const silence = 35 * time.Second

// stream is the events' websocket.
type stream struct{ conn *websocket.Conn }

func (s *stream) alive() { _ = s.conn.SetReadDeadline(time.Now().Add(silence)) }

// Next implements Stream.
func (s *stream) Next() (Event, error) {
	for {
		_, raw, err := s.conn.ReadMessage()
		if err != nil {
			return Event{}, resource.ErrConnectionFailed.WithText("the stream of events has ended").Wrap(err)
		}
		s.alive()
		if e, ok := parseEvent(raw); ok {
			return e, nil
		}
	}
}

// Close implements Stream.
func (s *stream) Close() { _ = s.conn.Close() }

// Get implements Instances.
func (i *Incus) Get(_ context.Context, key Key) (*api.Instance, error) {
	inst, _, err := observe.Get(i.in(key.Project), key.Name)
	return inst, err
}

// Write implements Instances. The server refuses what was read before somebody else's write, so nothing can get onto an
// instance that was replaced.
func (i *Incus) Write(ctx context.Context, inst *api.Instance, keys map[string]string, anyRun bool) error {
	server := i.in(inst.Project)
	get := func() (*api.Instance, string, error) { return server.GetInstance(inst.Name) }
	return sdkincus.Update(ctx, get, func(now *api.Instance, etag string) error {
		if !same(now, inst, anyRun) {
			return resource.ErrConflict.WithText(inst.Name + " is another one, was started again meanwhile, or has opted out")
		}
		path := "/1.0/instances/" + url.PathEscape(inst.Name) + "?project=" + url.QueryEscape(inst.Project)
		_, _, err := server.RawQuery("PATCH", path, map[string]any{"config": keys}, etag)
		return err
	})
}

// same says whether what was found out of an instance holds for how it looks now: it is the same one, in the same run,
// and has not opted out meanwhile.
func same(now, before *api.Instance, anyRun bool) bool {
	const id = "volatile.uuid"
	return now.Config[id] == before.Config[id] && (anyRun || observe.Run(now) == observe.Run(before)) &&
		now.Config[resource.HealthDaemonKey] != "false"
}

// Test implements Instances.
func (i *Incus) Test(ctx context.Context, inst *api.Instance, argv []string) (int, string, error) {
	server := i.in(inst.Project)
	var output guest.Tail
	code, err := guest.Run(ctx, server, inst, guest.Command{Args: argv}, i.Manage(server, inst).LookUp,
		guest.Streams{Stdout: &output, Stderr: &output})
	return code, output.String(), err
}

// Start implements Instances.
func (i *Incus) Start(ctx context.Context, inst *api.Instance) error {
	_, err := i.Manage(i.in(inst.Project), inst).Start(ctx)
	return err
}
