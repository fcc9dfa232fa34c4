//go:build incus

package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	client "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/naming"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/test/testbed"
)

func TestMain(m *testing.M) { os.Exit(testbed.Main(m, "volume")) }

// world is an Incus project of its own on the real server, for the Compose project "shop".
type world struct {
	*testing.T
	host     testbed.Host
	project  string
	server   client.InstanceServer
	settings sdk.Settings
	p        *provider
}

func newWorld(t *testing.T) *world {
	t.Helper()
	host := testbed.Env(t)
	server := host.Incus(t)
	project := "vol-" + strings.ToLower(naming.RandString(8))
	err := server.CreateProject(api.ProjectsPost{Name: project, ProjectPut: api.ProjectPut{
		Config: map[string]string{"features.images": "false", "features.networks": "false", "features.profiles": "false"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	info, _, err := server.GetServer()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, host: host, project: project, server: server.UseProject(project), settings: sdk.Settings{
		IncusSocket: host.Socket, IncusProject: project, ProjectOwned: true, ComposeProject: "shop",
		StoragePool: "default", APIExtensions: info.APIExtensions, ServerVersion: info.Environment.ServerVersion,
	}}
	w.p = configured(t, w.settings)
	t.Cleanup(func() {
		if err := server.DeleteProjectForce(project); err != nil {
			t.Errorf("removing the project: %v", err)
		}
	})
	return w
}

// resolve returns the only declaration resolved.
func (w *world) resolve(key string, c kinds.VolumeConfig) resource.Resolved {
	w.Helper()
	r, err := w.p.Resolve(w.Context(), []resource.Declaration{declare(w, key, c)})
	if err != nil {
		w.Fatal(err)
	}
	return r.Resolved[0]
}

func (w *world) plan(rs ...resource.Resolved) *sdk.PlanResult {
	w.Helper()
	p, err := w.p.Plan(w.Context(), sdk.PlanRequest{
		Kind: resource.KindStorageVolume, Resolved: rs, Options: resource.Options{Create: true},
	})
	if err != nil {
		w.Fatalf("planning: %v", err)
	}
	return p
}

// ensure plans and ensures one volume as the engine does.
func (w *world) ensure(key string, c kinds.VolumeConfig) (*sdk.RunResult, error) {
	w.Helper()
	return w.apply(w.resolve(key, c))
}

// apply does what the plan says.
func (w *world) apply(r resource.Resolved) (*sdk.RunResult, error) {
	w.Helper()
	p := w.plan(r)
	return w.p.Run(w.Context(), sdk.RunRequest{
		Resource: r, Action: resource.ActionEnsure, Change: p.Changes[0], State: p.States[0], Options: resource.Options{Create: true},
	}, resource.Discard{})
}

func (w *world) mustEnsure(key string, c kinds.VolumeConfig) *sdk.RunResult {
	w.Helper()
	r, err := w.ensure(key, c)
	if err != nil {
		w.Fatalf("ensuring %s: %v (%s)", key, err, resource.Hint(err))
	}
	return r
}

// delete removes what a plan without declarations shows under the key.
func (w *world) delete(key string) (*sdk.RunResult, error) {
	w.Helper()
	for _, s := range w.plan().States {
		if s.Name == key {
			return w.p.Run(w.Context(), sdk.RunRequest{
				Resource: resource.Resolved{Ref: s.Ref, IncusName: s.IncusName}, Action: resource.ActionDelete, State: s,
			}, resource.Discard{})
		}
	}
	w.Fatalf("no volume %q to delete", key)
	return nil, nil
}

func (w *world) volume(name string) *api.StorageVolume {
	w.Helper()
	v, _, err := w.server.GetStoragePoolVolume("default", volumeType, name)
	if err != nil {
		w.Fatalf("reading volume %s: %v", name, err)
	}
	return v
}

func (w *world) exists(name string) bool {
	w.Helper()
	_, _, err := w.server.GetStoragePoolVolume("default", volumeType, name)
	if err != nil && !api.StatusErrorCheck(err, 404) {
		w.Fatal(err)
	}
	return err == nil
}

// instance makes and starts a container with disk devices, given as path to "source" or "source,key=value".
func (w *world) instance(name, image string, config map[string]string, disks map[string]string) {
	w.Helper()
	args := []string{"init", "docker.io:" + image, name, "--project", w.project, "--config", "oci.entrypoint=sleep 1000"}
	for k, v := range config {
		args = append(args, "--config", k+"="+v)
	}
	w.host.Output(w, "incus", append(args, "--no-profiles", "--storage", "default")...)
	n := 0
	for path, spec := range disks {
		n++
		source, extra, _ := strings.Cut(spec, ",")
		device := []string{"config", "device", "add", name, "d" + string(rune('a'+n)), "disk", "--project", w.project, "path=" + path, "source=" + source}
		if source != "tmpfs:" {
			device = append(device, "pool=default")
		}
		if extra != "" {
			device = append(device, strings.Split(extra, ",")...)
		}
		w.host.Output(w, "incus", device...)
	}
}

func (w *world) start(name string) {
	w.Helper()
	w.host.Output(w, "incus", "start", name, "--project", w.project)
}

// in runs a shell command in a container as a user.
func (w *world) in(name, user, command string) string {
	w.Helper()
	out, code := w.host.Indoors(w, w.project, name, user, "sh", "-c", command)
	if code < 0 {
		w.Fatalf("running %q in %s: %s", command, name, out)
	}
	return strings.TrimSpace(out)
}

// changes counts the lifecycle events of the project while do runs: what was written on the server.
func (w *world) changes(do func()) []string {
	w.Helper()
	listener, err := w.server.GetEvents()
	if err != nil {
		w.Fatal(err)
	}
	defer listener.Disconnect()
	seen := make(chan string, 1000)
	_, err = listener.AddHandler([]string{api.EventTypeLifecycle}, func(e api.Event) {
		var l api.EventLifecycle
		if json.Unmarshal(e.Metadata, &l) == nil {
			seen <- l.Action + " " + l.Source
		}
	})
	if err != nil {
		w.Fatal(err)
	}
	do()
	const mark = "that-was-all" // comes after all that came before
	if err := w.server.CreateStoragePoolVolume("default", api.StorageVolumesPost{Name: mark, Type: volumeType}); err != nil {
		w.Fatal(err)
	}
	defer func() {
		if err := w.server.DeleteStoragePoolVolume("default", volumeType, mark); err != nil {
			w.Error(err)
		}
	}()
	var actions []string
	for {
		select {
		case a := <-seen:
			if strings.Contains(a, mark) {
				return actions
			}
			actions = append(actions, a)
		case <-time.After(time.Minute):
			w.Fatalf("no event of %s", mark)
		}
	}
}
