//go:build incus

package main

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func TestProfiles(t *testing.T) {
	d := newDesk(t, "prof")
	project := declare(t, resource.KindProject, "prof", kinds.ProjectConfig{IncusProject: "prof"})
	if c := d.plan(resource.KindProfile, declare(t, resource.KindProfile, "web", kinds.ProfileConfig{})).Changes[0]; c.Class != resource.ClassCreate {
		t.Errorf("before there is a project, the profile would be %q", c.Class)
	}
	d.ensure(project)
	cfg := kinds.ProfileConfig{SourceProfile: "default", NetworkOnly: true, Config: map[string]string{"limits.cpu": "1"},
		Devices: map[string]map[string]string{"data": {"type": "disk", "source": "/tmp", "path": "/data"}}}
	r := declare(t, resource.KindProfile, "web", cfg)
	c, result := d.ensure(r)
	if c.Class != resource.ClassCreate || string(result.Outputs) != `{"name":"web","devices":["data","eth0"]}` {
		t.Errorf("%s %s", c.Class, result.Outputs)
	}
	if c, _ := d.ensure(r); c.Class != resource.ClassNone {
		t.Errorf("a second time it would be %s: %+v", c.Class, c.Fields)
	}
	inside := d.server.UseProject("prof")
	p, _, err := inside.GetProfile("web")
	if err != nil {
		t.Fatal(err)
	}
	if p.Devices["eth0"]["network"] != "incusbr0" || len(p.Devices["root"]) != 0 {
		t.Errorf("copied %v", p.Devices)
	}
	p.Config["user.note"] = "mine"
	p.Devices["mine"] = map[string]string{"type": "none"}
	if err := inside.UpdateProfile("web", p.Writable(), ""); err != nil {
		t.Fatal(err)
	}
	cfg.Devices, cfg.Config = nil, map[string]string{"limits.cpu": "2"}
	c, _ = d.ensure(declare(t, resource.KindProfile, "web", cfg))
	var paths []string
	for _, f := range c.Fields {
		paths = append(paths, f.Path)
	}
	if diff := cmp.Diff([]string{"config.limits.cpu", "devices.data.path", "devices.data.source", "devices.data.type"}, paths); diff != "" {
		t.Error(diff)
	}
	p, _, err = inside.GetProfile("web")
	if err != nil {
		t.Fatal(err)
	}
	if p.Config["user.note"] != "mine" || p.Devices["mine"] == nil || p.Devices["data"] != nil {
		t.Errorf("the profile is %v %v", p.Config, p.Devices)
	}

	missing := declare(t, resource.KindProfile, "bad", kinds.ProfileConfig{SourceProfile: "nope"})
	if _, err := d.run(missing, resource.ActionEnsure, nil); !errors.Is(err, resource.ErrNotFound) || resource.Hint(err) == "" {
		t.Errorf("a missing source gives %v", err)
	}
	std := declare(t, resource.KindProfile, "default", kinds.ProfileConfig{Config: map[string]string{"limits.cpu": "1"}})
	d.ensure(std)
	for _, s := range d.plan(resource.KindProfile).States {
		if !d.delete(resource.Resolved{Ref: s.Ref, IncusName: s.IncusName}).Changed {
			t.Errorf("%s was not deleted", s.Name)
		}
	}
	if !d.delete(project).Changed {
		t.Errorf("the project stays: %q", d.notice.texts)
	}
}
