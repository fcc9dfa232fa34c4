package reconcile

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

type device = map[string]string

func with(dev device, changes ...string) device {
	out := maps.Clone(dev)
	for i := 0; i < len(changes); i += 2 {
		out[changes[i]] = changes[i+1]
	}
	return out
}

func TestDevicesHaveTheirClass(t *testing.T) {
	t.Parallel()
	const live, restart, recreate = resource.ClassLive, resource.ClassRestart, resource.ClassRecreate
	volume := device{"type": "disk", "pool": "default", "source": "v", "path": "/data"}
	tmpfs := device{"type": "disk", "source": "tmpfs:", "path": "/t"}
	nic := device{"type": "nic", "network": "n", "ipv4.address": "10.0.0.2/24"}
	char := device{"type": "unix-char", "source": "/dev/ttyS0"}
	secret := with(volume, "path", "/run/secrets/a", "source", "files/a-1", "readonly", "true")
	for name, test := range map[string]struct {
		before, after device
		class         resource.Class
		d             devices
	}{
		"a volume more":                         {nil, volume, live, devices{}},
		"a volume less":                         {volume, nil, live, devices{}},
		"a volume more that is still empty":     {nil, volume, restart, devices{filled: map[string]bool{"x": true}}},
		"a volume more in a machine":            {nil, volume, restart, devices{machine: true}},
		"a volume more below a read-only root":  {nil, volume, restart, devices{readOnly: true}},
		"a volume less below a read-only root":  {volume, nil, live, devices{readOnly: true}},
		"another volume in its place":           {volume, with(volume, "source", "w"), restart, devices{}},
		"a volume that is read only":            {volume, with(volume, "readonly", "true"), restart, devices{}},
		"a volume's speed":                      {volume, with(volume, "limits.read", "1MB"), live, devices{}},
		"a volume that hides another":           {nil, volume, restart, devices{have: spec.Devices{"in": with(volume, "path", "/data/in")}}},
		"a volume below another":                {nil, with(volume, "path", "/data/in"), live, devices{have: spec.Devices{"out": volume}}},
		"a tmpfs more":                          {nil, tmpfs, restart, devices{}},
		"a tmpfs' size":                         {tmpfs, with(tmpfs, "size", "1MB"), restart, devices{}},
		"a tmpfs instead of a volume":           {volume, with(tmpfs, "path", "/data"), restart, devices{}},
		"the first secret":                      {nil, secret, restart, devices{files: map[string]bool{"x": true}}},
		"a second secret":                       {nil, secret, live, devices{have: spec.Devices{"b": with(secret, "path", "/run/secrets/b")}}},
		"another secret in its place":           {secret, with(secret, "source", "files/a-2"), live, devices{files: map[string]bool{"x": true}}},
		"another volume in the place of secret": {secret, with(secret, "source", "files/a-2"), restart, devices{}},
		"a card more":                           {nil, nic, restart, devices{}},
		"a card less":                           {nic, nil, restart, devices{}},
		"a card's address":                      {nic, with(nic, "ipv4.address", "10.0.0.3/24"), restart, devices{}},
		"a card's speed":                        {nic, with(nic, "limits.max", "1Mbit"), live, devices{}},
		"a card's rules":                        {nic, with(nic, "security.acls", "a"), live, devices{}},
		"the speed of a card of another kind":   {device{"type": "nic", "nictype": "macvlan"}, device{"type": "nic", "nictype": "macvlan", "limits.max": "1Mbit"}, restart, devices{}},
		"a port":                                {nil, device{"type": "proxy"}, live, devices{}},
		"a serial line":                         {nil, char, live, devices{}},
		"a serial line of a machine":            {nil, char, restart, devices{machine: true}},
		"a part of a graphics card":             {nil, device{"type": "gpu", "gputype": "mig"}, restart, devices{}},
		"a graphics card":                       {device{"type": "gpu"}, nil, live, devices{}},
		"what nobody knows":                     {nil, device{"type": "tpm"}, restart, devices{}},
		"a volume instead of a port":            {device{"type": "proxy"}, volume, live, devices{}},
	} {
		d := test.d
		d.have, d.want = maps.Clone(d.have), maps.Clone(d.have)
		if d.have == nil {
			d.have, d.want = spec.Devices{}, spec.Devices{}
		}
		if test.before != nil {
			d.have["x"] = test.before
		}
		if test.after != nil {
			d.want["x"] = test.after
		}
		class := resource.ClassNone
		for _, f := range d.changes(map[string]bool{"x": true}) {
			class = worse(class, f.Class)
		}
		if class != test.class {
			t.Errorf("%s is %s, want %s", name, class, test.class)
		}
	}
	root := devices{have: spec.Devices{"root": {"type": "disk", "path": "/", "pool": "a"}}, want: spec.Devices{"root": {"type": "disk", "path": "/", "pool": "b"}}}
	if got := root.changes(map[string]bool{"root": true}); len(got) != 1 || got[0].Class != recreate {
		t.Errorf("another pool is %+v", got)
	}
}

func TestKeysHaveTheirClass(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]resource.Class{
		"limits.memory": resource.ClassLive, "limits.kernel.nofile": resource.ClassRestart, "boot.autostart": resource.ClassLive,
		"user.x": resource.ClassLive, "environment.X": resource.ClassRestart, "linux.sysctl.net.x": resource.ClassRestart,
		"security.privileged": resource.ClassRecreate, "security.nesting": resource.ClassRestart, "security.protection.delete": resource.ClassLive,
		"raw.lxc": resource.ClassRestart, "oci.cwd": resource.ClassRestart, "snapshots.schedule": resource.ClassLive,
		spec.KeyImageDigest: resource.ClassRebuild, "unheard.of": resource.ClassRestart,
	} {
		if got := KeyClass(key); got != want {
			t.Errorf("%s is %s, want %s", key, got, want)
		}
	}
	if got := machineClass("limits.memory"); got != resource.ClassRestart {
		t.Errorf("the memory of a machine is %s", got)
	}
}

func TestWhatIsPostponedIsWrittenAsFarAsItCanBe(t *testing.T) {
	t.Parallel()
	have := existing(t, nil)
	have.StatusCode = api.Running
	want := translate(t, func(c *kinds.InstanceConfig) {
		c.Labels, c.Image = map[string]string{"l": "2"}, "busybox"
		c.Command = []string{"other"}
		c.Mounts = []kinds.Mount{{Type: kinds.MountTmpfs, Target: "/x"}, {Type: kinds.MountBind, Source: "/srv", Target: "/srv"}}
	})
	now, pending, partly := Postpone(want, have, Compare(resource.Ref{}, want, have))
	if diff := cmp.Diff([]string{"command", "devices.mount-x-b3d1db"}, pending); diff != "" || !partly {
		t.Errorf("partly %v, waiting (-want +got):\n%s", partly, diff)
	}
	if now.Config["user.label.l"] != "2" || now.Devices["mount-srv-a4b3a2"] == nil && len(now.Devices) != len(want.Devices)-1 {
		t.Errorf("written now: %v %v", now.Config, now.Devices)
	}
	if now.Devices["mount-x-b3d1db"] != nil || now.Config[resource.KeyHash] != have.Config[resource.KeyHash] {
		t.Errorf("what waits is written: %v", now.Devices)
	}
	merged := *have
	merged.InstancePut = Merge(now, have.InstancePut)
	if again := Compare(resource.Ref{}, want, &merged); again.Class != resource.ClassRestart {
		t.Errorf("afterwards the plan says %s", again.Class)
	}
}

func TestWhatPeopleChangeStaysUntilTheFileChangesIt(t *testing.T) {
	t.Parallel()
	limit := func(n int64) func(*kinds.InstanceConfig) {
		return func(c *kinds.InstanceConfig) { c.Limits.PIDs, c.Labels = n, map[string]string{"l": "new"} }
	}
	have := existing(t, func(c *kinds.InstanceConfig) { c.Limits.PIDs = 5 })
	Record(have.Config, spec.Devices(have.Devices))
	have.Config["limits.processes"] = "7"
	have.Devices["port-tcp-e3b0c4-80"]["connect"] = "tcp:127.0.0.1:81"
	for want, pids := range map[string]int64{"7": 5, "6": 6} {
		wanted := translate(t, limit(pids))
		kept := Keep(wanted, have)
		if got := kept.Config["limits.processes"]; got != want {
			t.Errorf("with %d in the file the limit becomes %s", pids, got)
		}
		if got := kept.Devices["port-tcp-e3b0c4-80"]["connect"]; got != "tcp:127.0.0.1:81" {
			t.Errorf("the port goes to %s", got)
		}
		if Keep(wanted, Forget(have)) != wanted {
			t.Error("it is kept even where it is not known who wrote it")
		}
		written := api.Instance{InstancePut: Merge(kept, have.InstancePut)}
		RecordAs(written.Config, spec.Devices(written.Devices), wanted, kept)
		if again := Keep(wanted, &written); again.Config["limits.processes"] != want {
			t.Errorf("after a write it is %s", again.Config["limits.processes"])
		}
	}
}
