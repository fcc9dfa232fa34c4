package reconcile

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// translate returns the server form of a small service.
func translate(t *testing.T, change func(*kinds.InstanceConfig)) *spec.Instance {
	t.Helper()
	c := kinds.InstanceConfig{Project: "shop", Service: "web", Number: 1, Image: "busybox", Command: []string{"sleep", "1"},
		Environment: map[string]string{"MODE": "a", "API_TOKEN": "x"}, Labels: map[string]string{"l": "1"},
		Ports: []kinds.Port{{Protocol: "tcp", Published: 80, Target: 80}, {Protocol: "tcp", Target: 90}}}
	if change != nil {
		change(&c)
	}
	i, err := spec.Translate(spec.Input{Name: "web-1", IncusName: "shop-web-1", Config: c,
		Image: kinds.ImageOutputs{Fingerprint: "f1", Reference: "busybox", Process: &kinds.ImageProcess{}}, Host: spec.Host{Pool: "default"}})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// existing is what the server has after the instance was made.
func existing(t *testing.T, change func(*kinds.InstanceConfig)) *api.Instance {
	t.Helper()
	i := translate(t, change)
	i.Config[keyBaseImage] = i.Fingerprint
	return &api.Instance{Name: i.Name, InstancePut: api.InstancePut{Config: i.Config, Devices: api.DevicesMap(i.Devices), Profiles: i.Profiles}}
}

func TestChangesHaveTheirClass(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*kinds.InstanceConfig)
		class  resource.Class
		paths  []string
	}{
		"nothing":      {nil, resource.ClassNone, nil},
		"a label":      {func(c *kinds.InstanceConfig) { c.Labels = map[string]string{"l": "2"} }, resource.ClassLive, []string{"user.label.l"}},
		"a label less": {func(c *kinds.InstanceConfig) { c.Labels = nil }, resource.ClassLive, []string{"user.label.l"}},
		"a limit":      {func(c *kinds.InstanceConfig) { c.Limits.CPUs = 1 }, resource.ClassLive, []string{"limits.cpu.allowance"}},
		"a restart":    {func(c *kinds.InstanceConfig) { c.Restart = "always" }, resource.ClassLive, []string{"boot.autostart", "restart"}},
		"attempts":     {func(c *kinds.InstanceConfig) { c.Restart = "on-failure:2" }, resource.ClassLive, []string{"boot.autostart", "restart"}},
		"a health test": {func(c *kinds.InstanceConfig) { c.Healthcheck = &kinds.Healthcheck{Test: []string{"CMD", "true"}} }, resource.ClassLive,
			[]string{"healthcheck.test"}},
		"a log's size":  {func(c *kinds.InstanceConfig) { c.Logging.MaxSize = 5 }, resource.ClassLive, []string{"logging"}},
		"a stop signal": {func(c *kinds.InstanceConfig) { c.StopSignal = "INT" }, resource.ClassLive, []string{"stop_signal"}},
		"a grace period": {func(c *kinds.InstanceConfig) { c.StopGracePeriod = time.Minute }, resource.ClassLive,
			[]string{"boot.host_shutdown_timeout", "stop_grace_period"}},
		"a hook": {func(c *kinds.InstanceConfig) { c.PreStop = []kinds.Hook{{Command: []string{"sync"}}} }, resource.ClassLive, []string{"pre_stop"}},
		"a variable of lines": {func(c *kinds.InstanceConfig) { c.Environment = map[string]string{"MODE": "a\nb", "API_TOKEN": "x"} }, resource.ClassRestart,
			[]string{"environment.MODE"}},
		"an empty variable": {func(c *kinds.InstanceConfig) {
			c.Environment = map[string]string{"MODE": "a", "API_TOKEN": "x", "NO": ""}
		}, resource.ClassRestart,
			[]string{"environment.NO"}},
		"the supervisor": {func(c *kinds.InstanceConfig) { c.Init = kinds.InitOff }, resource.ClassRecreate,
			[]string{"boot.host_shutdown_timeout", "devices.icc-init", "devices.icc-run", "init", "oci.cwd", "oci.entrypoint", "oci.gid", "oci.uid"}},
		"a port":        {func(c *kinds.InstanceConfig) { c.Ports[0].Target = 81 }, resource.ClassLive, []string{"devices.port-tcp-e3b0c4-80.connect"}},
		"a port less":   {func(c *kinds.InstanceConfig) { c.Ports = c.Ports[:1] }, resource.ClassLive, []string{"devices.port-tcp-e3b0c4-any-90"}},
		"a root's size": {func(c *kinds.InstanceConfig) { c.Limits.RootSize = 1 }, resource.ClassLive, []string{"devices.root.size"}},
		"a command":     {func(c *kinds.InstanceConfig) { c.Command = []string{"x"} }, resource.ClassRestart, []string{"command"}},
		"a ulimit":      {func(c *kinds.InstanceConfig) { c.Ulimits = map[string]string{"core": "1"} }, resource.ClassRestart, []string{"limits.kernel.core"}},
		"a mount": {func(c *kinds.InstanceConfig) { c.Mounts = []kinds.Mount{{Type: kinds.MountTmpfs, Target: "/x"}} }, resource.ClassRestart,
			[]string{"devices.mount-x-b3d1db"}},
		"a user name": {func(c *kinds.InstanceConfig) { c.User = "www" }, resource.ClassRestart, []string{"user"}},
	} {
		got := Compare(resource.Ref{Name: "web-1"}, translate(t, test.change), existing(t, nil))
		var paths []string
		for _, f := range got.Fields {
			paths = append(paths, f.Path)
		}
		if got.Class != test.class || !cmp.Equal(test.paths, paths) {
			t.Errorf("%s: %s %v, want %s %v", name, got.Class, paths, test.class, test.paths)
		}
		if (got.Reason == "") != (got.Class == resource.ClassNone) {
			t.Errorf("%s: the reason is %q", name, got.Reason)
		}
	}
}

func TestTheReasonNamesWhatDecides(t *testing.T) {
	t.Parallel()
	got := Compare(resource.Ref{Name: "web-1"}, translate(t, func(c *kinds.InstanceConfig) {
		c.Command, c.Limits.RootSize, c.Ulimits = []string{"x"}, 1, map[string]string{"core": "1"}
	}), existing(t, nil))
	if want := "command, limits.kernel.core differ"; got.Reason != want {
		t.Errorf("the reason is %q, want %q", got.Reason, want)
	}
}

func TestWithoutIccInitTheKeysOfIncusDecide(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*kinds.InstanceConfig)
		class  resource.Class
		path   string
	}{
		"a restart":     {func(c *kinds.InstanceConfig) { c.Restart = "always" }, resource.ClassLive, "boot.autorestart"},
		"a health test": {func(c *kinds.InstanceConfig) { c.Healthcheck = &kinds.Healthcheck{Test: []string{"CMD", "true"}} }, resource.ClassLive, "user.healthcheck.test"},
		"a command":     {func(c *kinds.InstanceConfig) { c.Command = []string{"x"} }, resource.ClassRestart, "oci.entrypoint"},
		"a user name":   {func(c *kinds.InstanceConfig) { c.User = "www" }, resource.ClassRestart, "user.icc.user"},
	} {
		off := func(c *kinds.InstanceConfig) { c.Init = kinds.InitOff }
		got := Compare(resource.Ref{Name: "web-1"}, translate(t, func(c *kinds.InstanceConfig) { off(c); test.change(c) }), existing(t, off))
		if got.Class != test.class || len(got.Fields) == 0 || got.Fields[0].Path != test.path {
			t.Errorf("%s: %s %+v, want %s %s", name, got.Class, got.Fields, test.class, test.path)
		}
	}
}

func TestNoPlanShowsWhatHooksAndOrdersHold(t *testing.T) {
	t.Parallel()
	secret := func(word string) func(c *kinds.InstanceConfig) {
		return func(c *kinds.InstanceConfig) {
			c.PreStop = []kinds.Hook{{Command: []string{"tell", word}}}
			c.Environment = map[string]string{"PASSWORD": word}
		}
	}
	for _, f := range Compare(resource.Ref{}, translate(t, secret("hush2")), existing(t, secret("hush1"))).Fields {
		if strings.Contains(f.Before+f.After, "hush") {
			t.Errorf("the plan shows %+v", f)
		}
	}
}

func TestCredentialsAreMarkedAndNotShown(t *testing.T) {
	t.Parallel()
	got := Compare(resource.Ref{}, translate(t, func(c *kinds.InstanceConfig) {
		c.Environment = map[string]string{"MODE": "b", "API_TOKEN": "y"}
	}), existing(t, nil))
	want := []resource.FieldChange{
		{Path: "environment.API_TOKEN", Class: resource.ClassRestart, Sensitive: true},
		{Path: "environment.MODE", Before: "a", After: "b", Class: resource.ClassRestart},
	}
	if diff := cmp.Diff(want, got.Fields); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAnotherImageIsARebuildAndAnInterruptedCreationMakesItAnew(t *testing.T) {
	t.Parallel()
	other := existing(t, nil)
	other.Config[keyBaseImage], other.Config[resource.KeyHash] = "f0", "another"
	if got := Compare(resource.Ref{}, translate(t, nil), other); got.Class != resource.ClassRebuild || got.Fields[0].Path != "image" {
		t.Errorf("another image: %+v", got.Fields)
	}
	unfinished := existing(t, nil)
	delete(unfinished.Config, resource.KeyHash)
	if got := Compare(resource.Ref{}, translate(t, nil), unfinished); got.Class != resource.ClassRecreate {
		t.Errorf("an interrupted creation: %s", got.Class)
	}
}

func TestMergingKeepsWhatOthersAdded(t *testing.T) {
	t.Parallel()
	have := existing(t, func(c *kinds.InstanceConfig) {
		c.Limits.PIDs = 5
		c.Mounts = []kinds.Mount{{Type: kinds.MountTmpfs, Target: "/x"}}
	})
	have.Config["user.mine"], have.Config["volatile.eth0.hwaddr"] = "1", "02:00"
	have.Devices["mine"] = map[string]string{"type": "none"}
	want := translate(t, nil)
	got := Merge(want, have.InstancePut)
	for key, value := range map[string]string{"user.mine": "1", "volatile.eth0.hwaddr": "02:00", "limits.processes": "", resource.KeyHash: want.Hash} {
		if got.Config[key] != value {
			t.Errorf("%s is %q, want %q", key, got.Config[key], value)
		}
	}
	if got.Devices["mine"] == nil || got.Devices["mount-x-b3d1db"] != nil || got.Devices["root"] == nil {
		t.Errorf("the devices are %v", got.Devices)
	}
	if have.Config["limits.processes"] != "5" {
		t.Error("what the server has was changed in place")
	}
}

func TestAChosenPortIsKept(t *testing.T) {
	t.Parallel()
	const device = "port-tcp-e3b0c4-any-90"
	have := existing(t, nil)
	spec.SetFreePort(have.Devices[device], 50123)
	want := translate(t, nil)
	if open := KeepPorts(want, spec.Devices(have.Devices)); len(open) != 0 {
		t.Errorf("still open: %v", open)
	}
	if got := want.Devices[device]["listen"]; got != "tcp:0.0.0.0:50123" {
		t.Errorf("it listens on %s", got)
	}
	if open := KeepPorts(translate(t, nil), nil); !cmp.Equal(open, []string{device}) {
		t.Errorf("without an instance open: %v", open)
	}
}

func TestOrdersThatCannotBeReadAreWrittenAnew(t *testing.T) {
	t.Parallel()
	for _, damaged := range []string{"{not json", `{"version":7,"argv":["true"]}`, `{"version":1}`} {
		have := existing(t, nil)
		have.Config[resource.KeyHash], have.Config[initspec.Key] = "h", damaged
		want := translate(t, nil)
		want.Hash, want.Config[initspec.Key] = "h", `{"version":1,"argv":["true"]}`
		if c := Compare(resource.Ref{}, want, have); c.Class != resource.ClassRestart || !strings.Contains(c.Reason, initspec.Key) {
			t.Errorf("%s: %s, %s", damaged, c.Class, c.Reason)
		}
	}
}
