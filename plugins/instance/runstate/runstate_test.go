package runstate_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/runstate"
	"github.com/icc-project/icc/plugins/instance/runtime"
	"github.com/icc-project/icc/plugins/instance/runtime/runtimetest"
	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// instance returns an instance of the server's listing.
func instance(t *testing.T, name string, status api.StatusCode, orders initspec.Spec) api.Instance {
	t.Helper()
	raw, err := json.Marshal(orders)
	if err != nil {
		t.Fatal(err)
	}
	return api.Instance{
		Name: name, StatusCode: status, Status: status.String(), LastUsedAt: time.Unix(1000, 0),
		InstancePut: api.InstancePut{
			Config: map[string]string{initspec.Key: string(raw)},
			Devices: map[string]map[string]string{
				spec.DeviceRun: {"type": "disk", "pool": "p", "source": "v/" + name, "path": initspec.Dir},
			},
		},
	}
}

func save(t *testing.T, root, name string, s initspec.State) {
	t.Helper()
	s.Version = initspec.Version
	raw, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.MkdirAll(filepath.Join(root, name), 0o700), os.WriteFile(filepath.Join(root, name, initspec.StateFile), raw, 0o600)); err != nil {
		t.Fatal(err)
	}
}

var at = time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)

func TestWhatIccInitSaysBecomesTheOutputs(t *testing.T) {
	t.Parallel()
	tested := initspec.Spec{Health: &initspec.Health{Test: []string{"CMD", "true"}}}
	code := func(n int) *int { return &n }
	for name, tt := range map[string]struct {
		status api.StatusCode
		orders initspec.Spec
		state  initspec.State
		want   kinds.InstanceOutputs
	}{
		"a process that has failed": {api.Stopped, initspec.Spec{},
			initspec.State{Phase: initspec.PhaseExited, ExitCode: 42, Reason: initspec.ReasonExited, FinishedAt: at, Restarts: 3},
			kinds.InstanceOutputs{ExitCode: code(42), ExitReason: "exited", FinishedAt: at, Restarts: 3}},
		"a command that does not exist": {api.Stopped, initspec.Spec{},
			initspec.State{Phase: initspec.PhaseFailed, ExitCode: 127, Reason: initspec.ReasonStartFailed, Error: "no such file"},
			kinds.InstanceOutputs{ExitCode: code(127), ExitReason: "start-failed", Error: "no such file"}},
		"a container that was killed": {api.Stopped, initspec.Spec{}, initspec.State{Phase: initspec.PhaseRunning, StartedAt: at},
			kinds.InstanceOutputs{ExitCode: code(137), ExitReason: "signal"}},
		"an init of the image's own that ended": {api.Stopped, initspec.Spec{Takeover: true}, initspec.State{Phase: initspec.PhaseRunning}, kinds.InstanceOutputs{}},
		"a process that will be started again": {api.Running, initspec.Spec{},
			initspec.State{Phase: initspec.PhaseRestarting, ExitCode: 1, Reason: initspec.ReasonExited, FinishedAt: at, Restarts: 1},
			kinds.InstanceOutputs{ExitCode: code(1), ExitReason: "exited", FinishedAt: at, Restarts: 1, Restarting: true, StartedAt: time.Unix(1000, 0)}},
		"a process that was started again": {api.Running, initspec.Spec{},
			initspec.State{Phase: initspec.PhaseRunning, StartedAt: at, ExitCode: 1, FinishedAt: at, Restarts: 2},
			kinds.InstanceOutputs{StartedAt: at, Restarts: 2}},
		"an unhealthy service": {api.Running, tested,
			initspec.State{Phase: initspec.PhaseRunning, StartedAt: at, Health: &initspec.HealthState{Status: "unhealthy",
				Log: []initspec.HealthResult{{Start: at, End: at, ExitCode: -1, Output: "late"}}}},
			kinds.InstanceOutputs{StartedAt: at, Health: "unhealthy", HealthLog: []kinds.HealthResult{{Start: at, End: at, ExitCode: -1, Output: "late"}}}},
		"a healthy service, whose file is older": {api.Ready, tested,
			initspec.State{Phase: initspec.PhaseRunning, StartedAt: at, Health: &initspec.HealthState{Status: "starting"}},
			kinds.InstanceOutputs{StartedAt: at, Health: "healthy"}},
		"a status that nobody knows": {api.Running, tested,
			initspec.State{Phase: initspec.PhaseRunning, StartedAt: at, Health: &initspec.HealthState{Status: "\x1b[31m"}},
			kinds.InstanceOutputs{StartedAt: at, Health: "unknown"}},
	} {
		root := t.TempDir()
		inst := instance(t, "web-1", tt.status, tt.orders)
		save(t, root, "web-1", tt.state)
		found := runstate.ReadAll(t.Context(), runtimetest.New(t, root).Volumes, []api.Instance{inst}, true)
		got := observe.Outputs(&inst)
		runstate.Fold(&got, &inst, found["web-1"])
		tt.want.IncusName, tt.want.Number, tt.want.Status = "web-1", 1, strings.ToLower(tt.status.String())
		if tt.want.StartedAt.IsZero() {
			tt.want.StartedAt = inst.LastUsedAt // all that is known
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestAStateThatCannotBeReadIsAMessage(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		make func(file string) error
		want string
	}{
		"broken":           {func(f string) error { return os.WriteFile(f, []byte(`{"version":1,`), 0o600) }, "is damaged"},
		"of another kind":  {func(f string) error { return os.WriteFile(f, []byte(`[]`), 0o600) }, "is damaged"},
		"of a later icc":   {func(f string) error { return os.WriteFile(f, []byte(`{"version":7}`), 0o600) }, "has version 7"},
		"huge":             {func(f string) error { return os.WriteFile(f, make([]byte, 300<<10), 0o600) }, "at most"},
		"a pipe":           {func(f string) error { return syscall.Mkfifo(f, 0o600) }, "not a regular file"},
		"a link elsewhere": {func(f string) error { return os.Symlink("/etc/passwd", f) }, "not a regular file"},
		"not there":        {func(string) error { return nil }, ""},
	} {
		root := t.TempDir()
		if err := errors.Join(os.Mkdir(filepath.Join(root, "web-1"), 0o700), tt.make(filepath.Join(root, "web-1", initspec.StateFile))); err != nil {
			t.Fatal(err)
		}
		inst := instance(t, "web-1", api.Stopped, initspec.Spec{})
		found := runstate.ReadAll(t.Context(), runtimetest.New(t, root).Volumes, []api.Instance{inst}, false)
		out := observe.Outputs(&inst)
		runstate.Fold(&out, &inst, found["web-1"])
		if (tt.want == "") != (out.Error == "") || !strings.Contains(out.Error, tt.want) || out.ExitCode != nil {
			t.Errorf("%s: %q, exit code %v", name, out.Error, out.ExitCode)
		}
	}
}

func TestOnlyWhatTheListingDoesNotTellIsRead(t *testing.T) {
	t.Parallel()
	tested := initspec.Spec{Health: &initspec.Health{Test: []string{"CMD", "true"}}}
	created := instance(t, "created", api.Stopped, initspec.Spec{})
	created.LastUsedAt = time.Unix(0, 0)
	native := instance(t, "native", api.Stopped, initspec.Spec{})
	delete(native.Config, initspec.Key)
	for _, tt := range []struct {
		inst              api.Instance
		plainly, detailed bool
	}{
		{instance(t, "stopped", api.Stopped, initspec.Spec{}), true, true},
		{instance(t, "running", api.Running, initspec.Spec{}), false, true},
		{instance(t, "untold", api.Running, tested), true, true},
		{instance(t, "healthy", api.Ready, tested), false, true},
		{created, false, false},
		{native, false, false},
	} {
		if plainly, detailed := runstate.Wanted(&tt.inst, false), runstate.Wanted(&tt.inst, true); plainly != tt.plainly || detailed != tt.detailed {
			t.Errorf("%s: %v, in detail %v", tt.inst.Name, plainly, detailed)
		}
	}
	if status := observe.Outputs(&created).Status; status != observe.StatusCreated {
		t.Errorf("an instance that was never started is %s", status)
	}
}

func TestManyStatesTakeOneConnection(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	var all []api.Instance
	for i := range 40 {
		name := fmt.Sprintf("web-%d", i)
		all = append(all, instance(t, name, api.Stopped, initspec.Spec{}))
		save(t, root, name, initspec.State{Phase: initspec.PhaseExited, ExitCode: i})
	}
	volumes := runtimetest.New(t, root)
	found := runstate.ReadAll(t.Context(), volumes.Volumes, all, false)
	for i := range all {
		if r := found[all[i].Name]; r.Err != nil || r.State.ExitCode != i {
			t.Errorf("%s: %+v, %v", all[i].Name, r.State, r.Err)
		}
	}
	if n := volumes.Dialled(); n != 1 {
		t.Errorf("%d connections were made", n)
	}
	running := []api.Instance{instance(t, "web-1", api.Running, initspec.Spec{})}
	if found := runstate.ReadAll(t.Context(), volumes.Volumes, running, false); len(found) > 0 || volumes.Dialled() != 1 {
		t.Error("a connection was made for nothing")
	}
}

func TestHowAStoppedInstanceEnded(t *testing.T) {
	t.Parallel()
	inst := instance(t, "web-1", api.Stopped, initspec.Spec{})
	if _, err := runstate.Read(t.Context(), runtimetest.New(t, t.TempDir()).Open(t.Context(), "p", "v"), runtime.Place{Dir: "web-1"}); !errors.Is(err, resource.ErrNotFound) {
		t.Errorf("a missing state is %v", err)
	}
	if exit := runstate.Ended(&inst, &initspec.State{}); exit.Code == nil || *exit.Code != 137 {
		t.Errorf("%+v", exit)
	}
}
