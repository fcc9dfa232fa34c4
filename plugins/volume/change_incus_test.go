//go:build incus

package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/naming"
	"github.com/icc-project/icc/sdk/resource"
)

func TestVolumesChangeAsGentlyAsIncusCan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	base := func() kinds.VolumeConfig {
		return kinds.VolumeConfig{Labels: map[string]string{"a": "1"}, Incus: map[string]string{"snapshots.expiry": "2d", "initial.mode": "0755"}}
	}
	w.mustEnsure("data", base())
	w.instance("user", "busybox:1", nil, map[string]string{"/data": "shop_data"})
	w.start("user")
	for name, tt := range map[string]struct {
		change func(*kinds.VolumeConfig)
		field  string
		class  resource.Class
	}{
		"labels":           {func(c *kinds.VolumeConfig) { c.Labels = map[string]string{"a": "2"} }, "labels.a", resource.ClassLive},
		"a new label":      {func(c *kinds.VolumeConfig) { c.Labels["b"] = "1" }, "labels.b", resource.ClassLive},
		"a schedule":       {func(c *kinds.VolumeConfig) { c.Incus["snapshots.schedule"] = "@daily" }, "x-incus.snapshots.schedule", resource.ClassLive},
		"an expiry less":   {func(c *kinds.VolumeConfig) { delete(c.Incus, "snapshots.expiry") }, "x-incus.snapshots.expiry", resource.ClassLive},
		"a size":           {func(c *kinds.VolumeConfig) { c.Incus["size"] = "64MiB" }, "x-incus.size", resource.ClassLive},
		"the initial mode": {func(c *kinds.VolumeConfig) { c.Incus["initial.mode"] = "0700" }, "x-incus.initial.mode", resource.ClassRecreate},
	} {
		c := base()
		tt.change(&c)
		p := w.plan(w.resolve("data", c))
		got := p.Changes[0]
		if len(got.Fields) != 1 || got.Fields[0].Name() != tt.field || got.Class != tt.class || !strings.Contains(got.Reason, tt.field) {
			t.Errorf("%s: %s, %s, %+v", name, got.Class, got.Reason, got.Fields)
		}
		if tt.class == resource.ClassLive {
			if r := w.mustEnsure("data", c); !r.Changed {
				t.Errorf("%s: nothing was changed", name)
			}
			if again := w.plan(w.resolve("data", c)).Changes[0]; again.Class != resource.ClassNone {
				t.Errorf("%s: afterwards %+v", name, again)
			}
			w.mustEnsure("data", base())
		}
	}
}

// second makes another storage pool.
func (w *world) second() string {
	w.Helper()
	name := "p" + strings.ToLower(naming.RandString(8))
	if err := w.server.CreateStoragePool(api.StoragePoolsPost{Name: name, Driver: "dir"}); err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() {
		_ = w.server.DeleteStoragePoolVolume(name, volumeType, "shop_data")
		if err := w.server.DeleteStoragePool(name); err != nil {
			w.Errorf("removing the pool: %v", err)
		}
	})
	return name
}

func TestAVolumeMovesToAnotherPoolWithItsData(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pool := w.second()
	w.mustEnsure("data", kinds.VolumeConfig{})
	w.instance("user", "busybox:1", nil, map[string]string{"/data": "shop_data"})
	w.start("user")
	w.in("user", "0", "echo precious > /data/file; sync")
	r := w.resolve("data", kinds.VolumeConfig{Pool: pool})
	p := w.plan(r)
	c := p.Changes[0]
	if c.Class != resource.ClassRestart || len(c.Fields) != 1 || c.Fields[0].Before != "default" || c.Fields[0].After != pool || !p.States[0].Exists {
		t.Fatalf("planned %+v, %+v", c, p.States)
	}
	if len(p.States) != 1 {
		t.Errorf("what moves is left over as well: %+v", p.States)
	}
	if _, err := w.apply(r); !errors.Is(err, resource.ErrConflict) || !strings.Contains(err.Error(), "user") {
		t.Errorf("under a running user it ends with %v", err)
	}
	w.host.Output(w, "incus", "stop", "-f", "user", "--project", w.project)
	if res, err := w.apply(r); err != nil || res.Created || !res.Changed || !strings.Contains(string(res.Outputs), pool) {
		t.Fatalf("moving: %+v, %v", res, err)
	}
	if w.exists("shop_data") {
		t.Error("it is still in the old pool")
	}
	w.start("user")
	if got := w.in("user", "0", "cat /data/file"); got != "precious" {
		t.Errorf("afterwards the file is %q", got)
	}
	if again := w.plan(r).Changes[0]; again.Class != resource.ClassNone {
		t.Errorf("afterwards the plan is %+v", again)
	}
	w.host.Output(w, "incus", "delete", "-f", "user", "--project", w.project)
}

func TestAVolumeIsMadeAnewOnlyWhereThatWasPlannedAndNobodyUsesIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustEnsure("data", kinds.VolumeConfig{})
	w.instance("user", "busybox:1", nil, map[string]string{"/data": "shop_data"})
	r := w.resolve("data", kinds.VolumeConfig{Incus: map[string]string{"initial.mode": "0700"}})
	if _, err := w.apply(r); !errors.Is(err, resource.ErrConflict) || !w.exists("shop_data") {
		t.Errorf("with a user it ends with %v", err)
	}
	w.host.Output(w, "incus", "delete", "-f", "user", "--project", w.project)
	res, err := w.apply(r)
	if err != nil || !res.Created || w.volume("shop_data").Config["initial.mode"] != "0700" {
		t.Errorf("%+v, %v", res, err)
	}
	if again := w.plan(r).Changes[0]; again.Class != resource.ClassNone {
		t.Errorf("afterwards the plan is %+v", again)
	}
}

func TestDriftOfAVolume(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := kinds.VolumeConfig{Labels: map[string]string{"a": "1"}, Incus: map[string]string{"snapshots.expiry": "2d"}}
	w.mustEnsure("data", c)
	if p := w.plan(w.resolve("data", c)); len(p.Drift) != 0 {
		t.Errorf("a new volume has drifted: %+v", p.Drift)
	}
	w.host.Output(t, "incus", "storage", "volume", "set", "default", "shop_data", "user.mine=kept", "snapshots.expiry=9d", "--project", w.project)
	p := w.plan(w.resolve("data", c))
	if len(p.Drift) != 1 || len(p.Drift[0].Fields) != 2 {
		t.Fatalf("the drift is %+v", p.Drift)
	}
	changed, added := p.Drift[0].Fields[0], p.Drift[0].Fields[1]
	if changed.Name() != "x-incus.snapshots.expiry" || changed.Before != "2d" || changed.After != "9d" || added.After != "kept" || added.Class != resource.ClassNone {
		t.Errorf("the drift is %+v", p.Drift[0].Fields)
	}
	w.mustEnsure("data", c)
	if p := w.plan(w.resolve("data", c)); w.volume("shop_data").Config["snapshots.expiry"] != "2d" || len(p.Drift[0].Fields) != 1 {
		t.Errorf("after an ensure the drift is %+v", p.Drift)
	}
}
