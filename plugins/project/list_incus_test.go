//go:build incus

package main

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	incus "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func TestListingFindsEveryComposeProject(t *testing.T) {
	d := newDesk(t, "one", "image") // Incus keeps the busybox
	one := declare(t, resource.KindProject, "one", kinds.ProjectConfig{IncusProject: "one", Files: []string{"/one/compose.yaml"}})
	two := declare(t, resource.KindProject, "two", kinds.ProjectConfig{IncusProject: "two"})
	d.ensure(one)
	if _, err := d.run(two, resource.ActionEnsure, nil); err != nil {
		t.Fatal(err)
	}
	d.instance("one", "one-web-1", "one", true)
	d.instance("one", "one-web-2", "one", false)
	d.instance("default", "guest-db-1", "guest", false) // lives in a project that icc did not make

	if err := d.Configure(t.Context(), sdk.Settings{IncusSocket: d.Settings().IncusSocket}); err != nil {
		t.Fatal(err)
	}
	got := map[string]kinds.ProjectOutputs{}
	for _, s := range d.plan(resource.KindProject).States {
		var o kinds.ProjectOutputs
		if err := json.Unmarshal(s.Outputs, &o); err != nil {
			t.Fatal(err)
		}
		got[s.Name] = o
	}
	if diff := cmp.Diff(map[string]kinds.ProjectOutputs{
		"one":   {IncusProject: "one", Owned: true, Files: []string{"/one/compose.yaml"}, Instances: map[string]int{"running": 1, "created": 1}},
		"two":   {IncusProject: "two", Owned: true},
		"guest": {IncusProject: "default", Instances: map[string]int{"created": 1}},
	}, got); diff != "" {
		t.Error(diff)
	}
	d.instance("one", "one-web-1", "", false)
	d.instance("one", "one-web-2", "", false)
	d.instance("default", "guest-db-1", "", false)
	d.delete(one)
	d.delete(two)
}

// instance makes a container of a Compose project; without one, it removes it.
func (d *desk) instance(project, name, compose string, start bool) {
	d.t.Helper()
	server := d.server.UseProject(project)
	var op incus.Operation
	var err error
	if compose != "" {
		req := api.InstancesPost{Name: name, Type: api.InstanceTypeContainer, Start: start, Source: api.InstanceSource{Type: "none"},
			InstancePut: api.InstancePut{Config: map[string]string{resource.KeyProject: compose},
				Devices: map[string]map[string]string{"root": {"type": "disk", "path": "/", "pool": "default"}}}}
		if start {
			req.Config["oci.entrypoint"] = "sleep 1000"
			req.Source = api.InstanceSource{Type: "image", Mode: "pull", Protocol: "oci", Server: "https://127.0.0.1:5000", Alias: "busybox:1"}
		}
		op, err = server.CreateInstance(req)
	} else {
		if op, err = server.UpdateInstanceState(name, api.InstanceStatePut{Action: "stop", Force: true}, ""); err == nil {
			_ = op.Wait() // it may be stopped
		}
		op, err = server.DeleteInstance(name)
	}
	if err == nil {
		err = op.Wait()
	}
	if err != nil {
		d.t.Fatal(err)
	}
}
