package reconcile

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func TestFieldsAreShownAsComposeFilesHaveThem(t *testing.T) {
	t.Parallel()
	policy := resource.FieldChange{Path: "restart", Before: "no", After: "on-failure:3"}
	boot := resource.FieldChange{Path: "boot.autostart", Before: "false"}
	first := resource.FieldChange{Path: "boot.autostart.priority", Before: "1000", After: "999"}
	last := resource.FieldChange{Path: "boot.stop.priority", After: "1"}
	needs := resource.FieldChange{Path: "user.icc.depends-on", After: `[{"to":{"kind":"instance","name":"db-1"},"condition":"started"}]`}
	tests := []struct {
		name   string
		incus  map[string]string
		fields []resource.FieldChange
		want   []resource.FieldChange
	}{
		{"a policy is told once", nil, []resource.FieldChange{boot, policy}, []resource.FieldChange{policy}},
		{"but what x-incus says of the boot is told, too", map[string]string{"boot.autostart": "true"},
			[]resource.FieldChange{boot, policy},
			[]resource.FieldChange{{Path: "boot.autostart", Compose: "x-incus.boot.autostart", Before: "false"}, policy}},
		{"dependencies tell the order of the boot", nil, []resource.FieldChange{first, last, needs},
			[]resource.FieldChange{{Path: "user.icc.depends-on", Compose: "depends_on", After: "db-1"}}},
		{"an order that others change is told once", nil, []resource.FieldChange{first, last}, []resource.FieldChange{first}},
		{"dependencies are named", nil,
			[]resource.FieldChange{{
				Path:   "user.icc.depends-on",
				Before: `[{"to":{"kind":"instance","name":"db-1"},"condition":"started"}]`,
				After:  `[{"to":{"kind":"instance","name":"db-1"},"condition":"healthy","restart":true},{"to":{"kind":"instance","name":"db-2"},"condition":"started"}]`,
			}},
			[]resource.FieldChange{{Path: "user.icc.depends-on", Compose: "depends_on", Before: "db-1", After: "db-1 (healthy, restart), db-2"}}},
		{"what icc-init is told as well is told once", nil,
			[]resource.FieldChange{{Path: "boot.host_shutdown_timeout", After: "52"}, {Path: "stop_grace_period", Before: "10s", After: "50s"}},
			[]resource.FieldChange{{Path: "stop_grace_period", Before: "10s", After: "50s"}}},
		{"but not when it takes more", nil,
			[]resource.FieldChange{{Path: "oci.cwd", After: "/a", Class: resource.ClassRestart}, {Path: "working_dir", After: "/a", Class: resource.ClassLive}},
			[]resource.FieldChange{
				{Path: "oci.cwd", Compose: "working_dir", After: "/a", Class: resource.ClassRestart}, {Path: "working_dir", After: "/a", Class: resource.ClassLive},
			}},
		{"values are the file's", nil,
			[]resource.FieldChange{
				{Path: "limits.cpu", Before: "0-1,3", After: "0-0,2-2"}, {Path: "limits.cpu.allowance", Before: "150ms/100ms", After: "50%"},
				{Path: "boot.host_shutdown_timeout", After: "50"},
			},
			[]resource.FieldChange{
				{Path: "limits.cpu", Compose: "cpuset", Before: "0-1,3", After: "0,2"}, {Path: "limits.cpu.allowance", Compose: "cpus", Before: "1.5", After: "50%"},
				{Path: "boot.host_shutdown_timeout", Compose: "stop_grace_period", After: "50s"},
			}},
		{"what cannot be read is shown as it is", nil,
			[]resource.FieldChange{{Path: "user.icc.depends-on", Before: "by hand"}},
			[]resource.FieldChange{{Path: "user.icc.depends-on", Compose: "depends_on", Before: "by hand"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			names := NewNames(kinds.InstanceConfig{Incus: tt.incus}, nil, &api.Instance{})
			names.before, names.after = policy.Before, policy.After
			got := names.Fields(tt.fields)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestARestartPolicyIsShownInTheWordsOfTheFile(t *testing.T) {
	t.Parallel()
	orders := func(policy string) string { return `{"version":1,"argv":["x"],"restart":{"policy":"` + policy + `"}}` }
	tests := []struct {
		name         string
		have, want   map[string]string
		before, then string
	}{
		{"always and unless-stopped have the same orders",
			map[string]string{initspec.Key: orders("always")}, map[string]string{initspec.Key: orders("always"), "boot.autostart": "true"},
			"unless-stopped", "always"},
		{"no and unless-stopped differ in the orders",
			map[string]string{initspec.Key: orders("no"), "boot.autostart": "false"}, map[string]string{initspec.Key: orders("always")},
			"no", "unless-stopped"},
		{"on-failure stays what it is",
			map[string]string{initspec.Key: orders("on-failure")}, map[string]string{initspec.Key: orders("always"), "boot.autostart": "true"},
			"on-failure", "always"},
		{"without icc-init there are other keys",
			map[string]string{"boot.autostart": "false"},
			map[string]string{"boot.autostart": "true", "boot.autorestart": "true", "user.icc.restart": "always"},
			"no", "always"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want, have := &spec.Instance{Config: tt.want}, &api.Instance{InstancePut: api.InstancePut{Config: tt.have}}
			got := NewNames(kinds.InstanceConfig{}, want, have).Fields(fields(want, have))
			if len(got) != 1 || got[0].Name() != "restart" || got[0].Before != tt.before || got[0].After != tt.then {
				t.Errorf("%s -> %s is shown as %+v", tt.before, tt.then, got)
			}
		})
	}
}

func TestUndoingDriftOfTheBootIsNoChangeOfThePolicy(t *testing.T) {
	t.Parallel()
	orders := `{"version":1,"argv":["x"]}`
	want := &spec.Instance{Config: map[string]string{initspec.Key: orders, "boot.autostart": "false"}}
	have := &api.Instance{InstancePut: api.InstancePut{Config: map[string]string{initspec.Key: orders, "boot.autostart": "true"}}}
	got := NewNames(kinds.InstanceConfig{}, want, have).Fields(fields(want, have))
	undone := []resource.FieldChange{{Path: "boot.autostart", Before: "true", After: "false", Class: resource.ClassLive}}
	if diff := cmp.Diff(undone, got); diff != "" {
		t.Error(diff)
	}
}

func TestDriftOfTheBootKeepsItsOwnName(t *testing.T) {
	t.Parallel()
	boot := resource.FieldChange{Path: "boot.autostart", Before: "false", After: "true"}
	memory := resource.FieldChange{Path: "limits.memory", Before: "67108864B", After: "1GiB"}
	names := NewNames(kinds.InstanceConfig{}, nil, &api.Instance{})
	swap := resource.FieldChange{Path: "limits.memory.swap", Before: "67108864B", After: "1MiB"}
	got := names.Drift(resource.Change{Fields: []resource.FieldChange{boot, memory, swap}}).Fields
	memory.Compose, memory.Before, swap.Before = "mem_limit", "64MiB", "64MiB"
	if diff := cmp.Diff([]resource.FieldChange{boot, memory, swap}, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatWaitedIsNamedAsInTheFile(t *testing.T) {
	t.Parallel()
	names := NewNames(kinds.InstanceConfig{}, nil, &api.Instance{})
	c := resource.Change{Fields: []resource.FieldChange{{Path: "oci.dns.nameservers"}, {Path: "command"}}}
	c.Reason = waited(c.Fields)
	if got := names.Change(c).Reason; got != "dns, command waited for a restart" {
		t.Errorf("the reason is %q", got)
	}
}

func TestMemoryAndSwapAreShownTogether(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		have, want map[string]string
		shown      string
	}{
		"swap comes":           {map[string]string{"limits.memory": "104857600B"}, map[string]string{"limits.memory": "104857600B", "limits.memory.swap": "104857600B"}, "memswap_limit:->200MiB "},
		"swap has no limit":    {map[string]string{"limits.memory": "1024B"}, map[string]string{"limits.memory": "1024B", "limits.memory.swap": "1125899906842624B"}, "memswap_limit:->-1 "},
		"only memory changes":  {map[string]string{"limits.memory": "1024B", "limits.memory.swap": "3072B"}, map[string]string{"limits.memory": "2048B", "limits.memory.swap": "2048B"}, "mem_limit:1KiB->2KiB "},
		"somebody has set one": {map[string]string{"limits.memory.swap": "false"}, map[string]string{}, ""},
	} {
		want, have := &spec.Instance{Config: c.want}, &api.Instance{InstancePut: api.InstancePut{Config: c.have}}
		got := ""
		for _, f := range NewNames(kinds.InstanceConfig{}, want, have).Fields(fields(want, have)) {
			got += f.Name() + ":" + f.Before + "->" + f.After + " "
		}
		if got != c.shown {
			t.Errorf("%s: shown as %q, want %q", name, got, c.shown)
		}
	}
}
