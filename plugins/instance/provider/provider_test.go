package provider

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// offline returns a provider without a server.
func offline(t *testing.T, owned bool) *Provider {
	t.Helper()
	p := New()
	if err := p.Configure(t.Context(), sdk.Settings{ComposeProject: "shop", ProjectOwned: owned, StoragePool: "default"}); err != nil {
		t.Fatal(err)
	}
	return p
}

func declare(t *testing.T, name string, c kinds.InstanceConfig) resource.Declaration {
	t.Helper()
	raw, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return resource.Declaration{Ref: resource.Ref{Kind: resource.KindInstance, Name: name}, Config: raw}
}

func TestResolvingNamesInstances(t *testing.T) {
	t.Parallel()
	r, err := offline(t, true).Resolve(t.Context(), []resource.Declaration{
		declare(t, "web-2", kinds.InstanceConfig{Service: "web", Number: 2, Image: "i"}),
		declare(t, "db-1", kinds.InstanceConfig{Service: "db", Number: 1, Image: "i", ContainerName: "My_DB"}),
	})
	if err != nil || len(r.Diagnostics) > 0 {
		t.Fatalf("%v %v", err, r.Diagnostics)
	}
	for i, want := range []string{"shop-web-2", "My-DB"} {
		if got := r.Resolved[i]; got.IncusName != want || got.Priority != resource.PriorityInstance || !resource.SupportsAction(got, resource.ActionWait) {
			t.Errorf("resolved %+v, want the name %s", got, want)
		}
	}
}

func TestResolvingFindsWhatNoServerWouldAccept(t *testing.T) {
	t.Parallel()
	base := kinds.InstanceConfig{Service: "web", Number: 1, Image: "i"}
	for want, change := range map[string]func(*kinds.InstanceConfig){
		"has no image":         func(c *kinds.InstanceConfig) { c.Image = "" },
		"not an absolute path": func(c *kinds.InstanceConfig) { c.Mounts = []kinds.Mount{{Target: "x"}} },
		"mounted at /":         func(c *kinds.InstanceConfig) { c.Mounts = []kinds.Mount{{Target: "/"}} },
		"two mounts have":      func(c *kinds.InstanceConfig) { c.Mounts = []kinds.Mount{{Target: "/x"}, {Target: "/x/"}} },
		"the interface":        func(c *kinds.InstanceConfig) { c.Networks = []kinds.NIC{{Interface: "eth1"}, {}} },
		"not a device name":    func(c *kinds.InstanceConfig) { c.IncusDevices = map[string]map[string]string{"a/b": nil} },
		"container_name":       func(c *kinds.InstanceConfig) { c.ContainerName = strings.Repeat("x", 64) },
	} {
		c := base
		change(&c)
		r, err := offline(t, true).Resolve(t.Context(), []resource.Declaration{declare(t, "web-1", c)})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Diagnostics) != 1 || !strings.Contains(r.Diagnostics[0].Text, want) || r.Diagnostics[0].Hint == "" {
			t.Errorf("%q: found %+v", want, r.Diagnostics)
		}
	}
}

func TestResolvingFindsTwoInstancesOfOneName(t *testing.T) {
	t.Parallel()
	r, err := offline(t, true).Resolve(t.Context(), []resource.Declaration{
		declare(t, "a-1", kinds.InstanceConfig{Service: "a", Number: 1, Image: "i", ContainerName: "x"}),
		declare(t, "b-1", kinds.InstanceConfig{Service: "b", Number: 1, Image: "i", ContainerName: "x"}),
	})
	if err != nil || len(r.Diagnostics) != 1 || !strings.Contains(r.Diagnostics[0].Text, "a-1 and b-1") {
		t.Errorf("%v %+v", err, r.Diagnostics)
	}
}

func TestAFieldOfAnotherVersionIsRefused(t *testing.T) {
	t.Parallel()
	r, err := offline(t, true).Resolve(t.Context(), []resource.Declaration{
		{Ref: resource.Ref{Kind: resource.KindInstance, Name: "web-1"}, Config: json.RawMessage(`{"image":"i","new_field":1}`)},
	})
	if err != nil || len(r.Diagnostics) != 1 || !strings.Contains(r.Diagnostics[0].Text, "new_field") {
		t.Errorf("%v %+v", err, r.Diagnostics)
	}
}

func TestPlanningWithoutAServerCreatesEverything(t *testing.T) {
	t.Parallel()
	p := offline(t, true)
	r, err := p.Resolve(t.Context(), []resource.Declaration{declare(t, "web-1", kinds.InstanceConfig{Service: "web", Number: 1, Image: "i"})})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := p.Plan(t.Context(), sdk.PlanRequest{Kind: resource.KindInstance, Resolved: r.Resolved})
	if err != nil {
		t.Fatal(err)
	}
	if plan.Changes[0].Class != resource.ClassCreate || plan.States[0].Exists || !plan.States[0].Declared || plan.States[0].IncusName != "shop-web-1" {
		t.Errorf("the plan is %+v", plan)
	}
	if _, err := p.Run(t.Context(), sdk.RunRequest{Resource: r.Resolved[0], Action: resource.ActionStart}, resource.Discard{}); !errors.Is(err, resource.ErrDisconnected) {
		t.Errorf("starting without a server: %v", err)
	}
}

func TestOtherKindsActionsVerbsAndSessionsAreRefused(t *testing.T) {
	t.Parallel()
	p := offline(t, true)
	other := resource.Ref{Kind: resource.KindNetwork, Name: "x"}
	mine := resource.Ref{Kind: resource.KindInstance, Name: "x"}
	_, resolve := p.Resolve(t.Context(), []resource.Declaration{{Ref: other}})
	_, plan := p.Plan(t.Context(), sdk.PlanRequest{Kind: other.Kind})
	_, run := p.Run(t.Context(), sdk.RunRequest{Resource: resource.Resolved{Ref: other}}, resource.Discard{})
	_, action := p.Run(t.Context(), sdk.RunRequest{Resource: resource.Resolved{Ref: mine}, Action: "dance"}, resource.Discard{})
	_, verb := p.Call(t.Context(), sdk.CallRequest{Verb: "dance"})
	_, session := p.Session(t.Context(), sdk.SessionRequest{Verb: "dance"}, sdk.SessionIO{})
	for what, c := range map[string]struct{ err, want error }{
		"resolve": {resolve, resource.ErrUnknownResource}, "plan": {plan, resource.ErrUnknownResource}, "run": {run, resource.ErrUnknownResource},
		"action": {action, resource.ErrUnsupportedAction}, "verb": {verb, resource.ErrUnsupportedAction}, "session": {session, resource.ErrUnsupportedAction},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", what, c.err, c.want)
		}
	}
}

func TestThePortVerbFindsPublishedPorts(t *testing.T) {
	t.Parallel()
	out, err := json.Marshal(kinds.InstanceOutputs{Ports: []kinds.Port{
		{Protocol: "tcp", Published: 8000, Target: 80, Count: 3}, {Protocol: "udp", HostIP: "127.0.0.1", Published: 53, Target: 53},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for ask, want := range map[string]string{
		`{"target":82}`: `"published":8002`, `{"target":53,"protocol":"udp"}`: `"host_ip":"127.0.0.1"`, `{"target":53}`: "", `{"target":83}`: "",
	} {
		got, err := offline(t, true).Call(t.Context(), sdk.CallRequest{Verb: "port", State: resource.State{Outputs: out}, Request: json.RawMessage(ask)})
		if want == "" && !errors.Is(err, resource.ErrNotFound) || want != "" && !strings.Contains(string(got), want) {
			t.Errorf("%s: %s, %v", ask, got, err)
		}
	}
}

// listed is an instance of the project as the server lists it.
func listed(name, mark, object string) api.Instance {
	config := map[string]string{
		resource.KeyProject: "shop", resource.KeyName: mark, resource.KeyService: "web", resource.KeyNumber: "1",
	}
	if object != "" {
		config[resource.KeyObject] = object
	}
	return api.Instance{Name: name, StatusCode: api.Stopped, InstancePut: api.InstancePut{Config: config}}
}

func TestWhatIsCalledLikeAnInstanceIsNotTakenForIt(t *testing.T) {
	t.Parallel()
	p := offline(t, true)
	r, err := p.Resolve(t.Context(), []resource.Declaration{declare(t, "web-1", kinds.InstanceConfig{Service: "web", Number: 1, Image: "i"})})
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := json.Marshal([]api.Instance{
		listed("shop-web-1", "web-1", "shop-web-1"),
		listed("backup", "web-1", "shop-web-1"), // incus copy
		listed("shop-web-2", "web-1", ""),       // a mark that somebody has changed
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Plan(t.Context(), sdk.PlanRequest{Kind: resource.KindInstance, Resolved: r.Resolved, Snapshot: snapshot})
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for _, s := range got.States {
		names[s.Name] += s.IncusName
	}
	if diff := cmp.Diff(map[string]string{"web-1": "shop-web-1", "shop-web-2": "shop-web-2"}, names); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}
