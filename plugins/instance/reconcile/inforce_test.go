package reconcile

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// running is an instance that runs, and that was marked or not when it got its orders.
func running(t *testing.T, marked bool) *api.Instance {
	t.Helper()
	have := existing(t, nil)
	have.StatusCode, have.LastUsedAt = api.Running, time.Unix(1000, 0)
	if marked {
		have.Config[KeyReload] = observe.Run(have)
	}
	return have
}

func TestAChangeIsWhatIccInitHasNotInForce(t *testing.T) {
	t.Parallel()
	digest := initspec.Digest([]byte(existing(t, nil).Config[initspec.Key]))
	inForce, other := &initspec.State{Phase: initspec.PhaseRunning, Orders: digest}, &initspec.State{Phase: initspec.PhaseRunning, Orders: "other"}
	old, starting := &initspec.State{Phase: initspec.PhaseRunning}, &initspec.State{Phase: initspec.PhaseStarting}
	restart := func(c *kinds.InstanceConfig) { c.Restart = "always" }
	grace := func(c *kinds.InstanceConfig) { c.StopGracePeriod = time.Minute }
	label := func(c *kinds.InstanceConfig) { c.Labels = nil }
	for name, tc := range map[string]struct {
		change func(*kinds.InstanceConfig)
		marked bool
		state  *initspec.State
		asked  bool
		want   resource.Class
	}{
		"nothing":                               {nil, false, other, false, resource.ClassNone},
		"nothing, and confirmed after all":      {nil, true, inForce, true, resource.ClassNone},
		"nothing, and not in force":             {nil, true, other, true, resource.ClassLive},
		"nothing, and nobody knows":             {nil, true, nil, true, resource.ClassLive},
		"nothing, and it is just starting":      {nil, true, starting, true, resource.ClassLive},
		"nothing, and it cannot be told":        {nil, true, old, true, resource.ClassRestart},
		"a restart policy":                      {restart, false, inForce, true, resource.ClassLive},
		"a restart policy, and nobody knows":    {restart, false, nil, true, resource.ClassLive},
		"a restart policy for an old icc-init":  {restart, false, old, true, resource.ClassRestart},
		"a restart policy, just while starting": {restart, false, starting, true, resource.ClassLive},
		"a grace period for an old icc-init":    {grace, false, old, false, resource.ClassLive},
		"a label":                               {label, false, old, false, resource.ClassLive},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			have := running(t, tc.marked)
			change := Compare(resource.Ref{}, translate(t, tc.change), have)
			if asked := Doubtful(change, have); asked != tc.asked {
				t.Errorf("the state is asked for: %v", asked)
			}
			got := InForce(change, have, tc.state)
			if got.Class != tc.want || (got.Reason == "") != (tc.want == resource.ClassNone) {
				t.Errorf("got %s, %q", got.Class, got.Reason)
			}
			for _, f := range got.Fields {
				if f.Path == "restart" && f.Class != tc.want {
					t.Errorf("the field is %s", f.Class)
				}
			}
			have.StatusCode = api.Stopped
			if Doubtful(change, have) || !cmp.Equal(InForce(change, have, tc.state), change) {
				t.Error("what does not run was asked")
			}
		})
	}
}

func TestAMarkIsOfOneRun(t *testing.T) {
	t.Parallel()
	have := running(t, false)
	config := map[string]string{initspec.Key: have.Config[initspec.Key]}
	if MarkReload(config, have); config[KeyReload] != "" {
		t.Error("the same orders are marked")
	}
	config[initspec.Key] = `{"version":1,"argv":["x"]}`
	if MarkReload(config, have); config[KeyReload] != observe.Run(have) {
		t.Errorf("other orders are marked %q", config[KeyReload])
	}
	have.Config = config
	if MarkReload(config, have); !Unconfirmed(have) {
		t.Error("the next write of the same orders forgets the mark")
	}
	have.LastUsedAt = time.Unix(2000, 0)
	if Unconfirmed(have) {
		t.Error("the mark outlives a start")
	}
	have.StatusCode = api.Stopped
	if MarkReload(config, have); config[KeyReload] != "" {
		t.Error("what does not run is marked")
	}
}

func TestAnOldIccInitIsNotRestartedForTheResolver(t *testing.T) {
	t.Parallel()
	have := running(t, false)
	change := resource.Change{Class: resource.ClassLive, Fields: orderChanges(&initspec.Spec{Resolvers: []string{"10.0.0.1"}}, &initspec.Spec{})}
	if len(change.Fields) != 1 {
		t.Fatalf("the plan sees %+v", change.Fields)
	}
	if got := InForce(change, have, &initspec.State{Phase: initspec.PhaseRunning}); !cmp.Equal(got, change) {
		t.Errorf("got %+v", got)
	}
}
