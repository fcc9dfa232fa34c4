package reconcile

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// written is what the server has after icc wrote it.
func written(t *testing.T, change func(*kinds.InstanceConfig)) *api.Instance {
	t.Helper()
	have := existing(t, change)
	Record(have.Config, spec.Devices(have.Devices))
	return have
}

func TestDriftIsWhatOthersHaveChanged(t *testing.T) {
	t.Parallel()
	limited := func(c *kinds.InstanceConfig) { c.Limits.Memory = 64 << 20 }
	const port = "port-tcp-e3b0c4-80"
	for name, tt := range map[string]struct {
		edit   func(*api.Instance)
		change func(*kinds.InstanceConfig) // of the file, since
		want   []string
		class  resource.Class
	}{
		"nothing":                        {func(*api.Instance) {}, limited, nil, resource.ClassNone},
		"nothing, and the file is newer": {func(*api.Instance) {}, nil, nil, resource.ClassNone},
		"a key": {func(i *api.Instance) { i.Config["limits.memory"] = "1GiB" }, limited,
			[]string{"mem_limit: 64MiB -> 1GiB (live)"}, resource.ClassLive},
		"a key, and the file is newer": {func(i *api.Instance) { i.Config["limits.memory"] = "1GiB" }, nil,
			[]string{"mem_limit:  -> 1GiB (live)"}, resource.ClassLive},
		"a key that is gone": {func(i *api.Instance) { delete(i.Config, "limits.memory") }, limited,
			[]string{"mem_limit: 64MiB ->  (live)"}, resource.ClassLive},
		"a key of a device": {func(i *api.Instance) { i.Devices[port]["connect"] = "tcp:127.0.0.1:81" }, limited,
			[]string{"ports: 80:80 -> 80:81 (live)"}, resource.ClassLive},
		"a device that is gone": {func(i *api.Instance) { delete(i.Devices, port) }, limited,
			[]string{"ports: 80:80 ->  (live)"}, resource.ClassLive},
		"a variable that looks like a secret": {func(i *api.Instance) { i.Config["environment.API_TOKEN"] = "y" }, limited,
			[]string{"environment.API_TOKEN:  ->  (live)"}, resource.ClassLive},
		"icc-init's orders": {func(i *api.Instance) { i.Config[initspec.Key] = "{}" }, limited,
			[]string{"user.icc.spec:  ->  (live)"}, resource.ClassLive},
		"what is nobody's of ours": {func(i *api.Instance) {
			i.Config["user.note"], i.Config["volatile.x"], i.Config["environment.FROM_IMAGE"] = "mine", "y", "x"
			i.Devices["tty"] = map[string]string{"type": "unix-char", "path": "/dev/tty0"}
		}, limited, []string{"devices.tty:  -> type=unix-char path=/dev/tty0 (none)", "user.note:  -> mine (none)"}, resource.ClassNone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			have, want := written(t, limited), translate(t, tt.change)
			tt.edit(have)
			KeepPorts(want, spec.Devices(have.Devices))
			c, found := Drift(resource.Ref{}, want, have)
			c = NewNames(kinds.InstanceConfig{}, want, have).Change(c)
			var got []string
			for _, f := range c.Fields {
				got = append(got, f.Name()+": "+f.Before+" -> "+f.After+" ("+string(f.Class)+")")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || found != (len(got) > 0) || c.Class != tt.class {
				t.Errorf("%v, %s\n%s", found, c.Class, diff)
			}
			reverts := Compare(resource.Ref{}, want, Undo(want, have)).Class != resource.ClassNone
			if same := tt.change != nil; same && reverts != (tt.class != resource.ClassNone) {
				t.Errorf("undoing it changes something: %v", reverts)
			}
		})
	}
}

func TestDriftOfWhatAnEarlierIccWroteIsFoundWhileTheFileIsTheSame(t *testing.T) {
	t.Parallel()
	have := existing(t, nil)
	have.Config["user.label.l"] = "2"
	if c, _ := Drift(resource.Ref{}, translate(t, nil), have); len(c.Fields) != 1 || c.Fields[0].Before != "1" {
		t.Errorf("with the same file: %+v", c.Fields)
	}
	newer := translate(t, func(c *kinds.InstanceConfig) { c.Command = []string{"x"} })
	if c, _ := Drift(resource.Ref{}, newer, have); len(c.Fields) != 0 {
		t.Errorf("with another file: %+v", c.Fields)
	}
}

func TestRecordsAndDriftShowNoSecret(t *testing.T) {
	t.Parallel()
	have := written(t, func(c *kinds.InstanceConfig) { c.Environment["API_TOKEN"] = "hush1" })
	have.Config["environment.API_TOKEN"] = "hush2"
	c, _ := Drift(resource.Ref{}, translate(t, func(c *kinds.InstanceConfig) { c.Environment["API_TOKEN"] = "hush1" }), have)
	shown := have.Config[resource.KeyApplied]
	for _, f := range c.Fields {
		shown += f.Path + f.Before + f.After
	}
	if len(c.Fields) != 1 || strings.Contains(shown, "hush") {
		t.Errorf("shown: %s", shown)
	}
}
