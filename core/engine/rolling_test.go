package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// farm is a world whose networks lead requests to instances and whose instances can be watched and taken back.
type farm struct{ *world }

func (f farm) Kinds(ctx context.Context) ([]sdk.Kind, error) {
	all, err := f.world.Kinds(ctx)
	for i := range all {
		if all[i].Kind == resource.KindNetwork {
			all[i].Calls = []string{resource.VerbReroute}
		}
	}
	return all, err
}

func (f farm) Provider(context.Context, resource.Kind) (sdk.Provider, error) { return f, nil }

// Run is the world's, but what fails does so once.
func (f farm) Run(ctx context.Context, req sdk.RunRequest, sink resource.Sink) (*sdk.RunResult, error) {
	result, err := f.world.Run(ctx, req, sink)
	if err != nil {
		f.mu.Lock()
		delete(f.fail, stepID(req.Action, req.Resource.Ref))
		f.mu.Unlock()
	}
	return result, err
}

func (f farm) Call(_ context.Context, req sdk.CallRequest) (json.RawMessage, error) {
	var r resource.Reroute
	if err := json.Unmarshal(req.Request, &r); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, "in "+namesOf(r.In)+" out "+namesOf(r.Out))
	return nil, nil
}

func namesOf(refs []resource.Ref) string {
	var names []string
	for _, r := range refs {
		names = append(names, r.Name)
	}
	return strings.Join(names, ",")
}

// replicas are n running instances of web on a network, and surge stand-ins that do not exist yet.
func replicas(n, surge int) (farm, *Model, *Observation, Rollout) {
	net := ref(resource.KindNetwork, "default")
	w := newWorld()
	o := &Observation{States: map[resource.Ref]resource.State{net: {Ref: net, Exists: true}}, Changes: map[resource.Ref]resource.Change{}}
	all := []resource.Resolved{resolved(net)}
	out := Rollout{Service: "web", Update: resource.UpdatePolicy{Parallelism: 1, Monitor: time.Second}, Rollback: resource.UpdatePolicy{Parallelism: 1}}
	for i := 1; i <= n+surge; i++ {
		r := resolved(ref(resource.KindInstance, fmt.Sprintf("web-%d", i)), edge(net, resource.ConditionEnsured))
		r.Actions = append(r.Actions, resource.ActionMonitor, resource.ActionRollback)
		all = append(all, r)
		s := resource.State{Ref: r.Ref, IncusName: r.IncusName, Declared: true, Exists: i <= n, Status: resource.StatusRunning}
		c := resource.Change{Ref: r.Ref, Class: resource.ClassRebuild}
		if i > n {
			s.Status, c.Class = resource.StatusMissing, resource.ClassCreate
			out.Surge = append(out.Surge, r.Ref)
		} else {
			out.Replicas = append(out.Replicas, r.Ref)
		}
		o.States[r.Ref], o.Changes[r.Ref] = s, c
	}
	return farm{w}, NewModel(all), o, out
}

// roll applies an up with the rollout and returns what was done, without waits that say nothing.
func (f farm) roll(t *testing.T, m *Model, o *Observation, r Rollout) ([]string, error) {
	t.Helper()
	e := New(Config{Plugins: f})
	_, err := e.Apply(t.Context(), Up(m, o, UpOptions{Rolling: []Rollout{r}}))
	var did []string
	for _, c := range f.calls {
		did = append(did, strings.ReplaceAll(c, "instance/", ""))
	}
	return did, err
}

func TestReplicasChangeOneAfterTheOther(t *testing.T) {
	t.Parallel()
	f, m, o, r := replicas(3, 0)
	got, err := f.roll(t, m, o, r)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"in  out web-1", "ensure web-1", "start web-1", "monitor web-1",
		"in web-1 out web-2", "ensure web-2", "start web-2", "monitor web-2",
		"in web-2 out web-3", "ensure web-3", "start web-3", "monitor web-3",
		"in web-3 out ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestStandInsWorkWhileReplicasChange(t *testing.T) {
	t.Parallel()
	f, m, o, r := replicas(2, 1)
	r.Update.Order, r.Update.Monitor = resource.StartFirst, 0
	if diff := cmp.Diff(map[string]int{"web": 1}, Up(m, o, UpOptions{}).Surge([]Rollout{r})); diff != "" {
		t.Errorf("stand-ins that are wanted (-want +got):\n%s", diff)
	}
	got, err := f.roll(t, m, o, r)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"ensure web-3", "start web-3", "monitor web-3",
		"in web-3 out web-1", "ensure web-1", "start web-1", "monitor web-1",
		"in web-1 out web-2", "ensure web-2", "start web-2", "monitor web-2",
		"in web-2 out web-3", "delete web-3",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestBatchesAndTheirLimits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		policy resource.UpdatePolicy
		change func(o *Observation)
		want   []string // reroutes
	}{
		"two at a time":                              {resource.UpdatePolicy{Parallelism: 2}, nil, []string{"in  out web-1,web-2", "in web-1,web-2 out web-3", "in web-3 out "}},
		"all at once leave nobody to be led to":      {resource.UpdatePolicy{}, nil, nil},
		"a delay is no reason to wait for requests":  {resource.UpdatePolicy{Parallelism: 2, Delay: time.Millisecond}, nil, []string{"in  out web-1,web-2", "in web-1,web-2 out ", "in  out web-3", "in web-3 out "}},
		"what changes live is not part of an update": {resource.UpdatePolicy{Parallelism: 1}, func(o *Observation) { live(o, "web-1", "web-3") }, []string{"in  out web-2", "in web-2 out "}},
		"live changes alone are no update":           {resource.UpdatePolicy{Parallelism: 1}, func(o *Observation) { live(o, "web-1", "web-2", "web-3") }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, m, o, r := replicas(3, 0)
			r.Update = c.policy
			if c.change != nil {
				c.change(o)
			}
			did, err := f.roll(t, m, o, r)
			if err != nil {
				t.Fatal(err)
			}
			did = slices.DeleteFunc(did, func(s string) bool { return !strings.HasPrefix(s, "in ") })
			if diff := cmp.Diff(c.want, did, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("reroutes (-want +got):\n%s", diff)
			}
		})
	}
}

func live(o *Observation, names ...string) {
	for _, n := range names {
		r := ref(resource.KindInstance, n)
		o.Changes[r] = resource.Change{Ref: r, Class: resource.ClassLive}
	}
}

func TestStandInsThatNobodyNeedsAreNotMade(t *testing.T) {
	t.Parallel()
	f, m, o, r := replicas(1, 1)
	live(o, "web-1")
	got, err := f.roll(t, m, o, r)
	if diff := cmp.Diff([]string{"ensure web-1"}, got); diff != "" || err != nil {
		t.Errorf("%v, calls (-want +got):\n%s", err, diff)
	}
}

func TestFailuresOfAnUpdate(t *testing.T) {
	t.Parallel()
	bad := errors.New("exit code 1")
	for name, c := range map[string]struct {
		action resource.FailureAction
		ratio  float64
		fail   string
		want   []string // ensures, rollbacks, starts and reroutes after the failure
		says   string
	}{
		"pause stops there": {
			resource.FailurePause, 0, "monitor instance/web-2", nil, "the update of web stopped there, with 2 of 3 replicas changed",
		},
		"continue goes on with the others": {
			resource.FailureContinue, 0, "start instance/web-2", []string{"in  out web-3", "ensure web-3", "start web-3", "in web-3 out "}, "went on without p-web-2",
		},
		"a share of failures is tolerated": {
			resource.FailurePause, 0.4, "ensure instance/web-2", []string{"in  out web-3", "ensure web-3", "start web-3", "in web-3 out "}, "went on without p-web-2",
		},
		"rollback takes back what was changed, the failed one first": {
			resource.FailureRollback, 0, "monitor instance/web-2",
			[]string{"in  out web-2", "rollback web-2", "start web-2", "in web-2 out web-1", "rollback web-1", "start web-1", "in web-1 out "},
			"was taken back: p-web-1, p-web-2 run as before",
		},
		"what was not changed is only started again": {
			resource.FailureRollback, 0, "ensure instance/web-2",
			[]string{"in  out web-2", "start web-2", "in web-2 out web-1", "rollback web-1", "start web-1", "in web-1 out "},
			"was taken back",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, m, o, r := replicas(3, 0)
			r.Update.OnFailure, r.Update.MaxFailureRatio = c.action, c.ratio
			f.fail[c.fail] = bad
			did, err := f.roll(t, m, o, r)
			if !errors.Is(err, bad) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("the error is %v, want it to say %q", err, c.says)
			}
			did = did[slices.Index(did, strings.ReplaceAll(c.fail, "instance/", ""))+1:]
			did = slices.DeleteFunc(did, func(s string) bool { return strings.HasPrefix(s, "wait ") || strings.HasPrefix(s, "monitor ") })
			if diff := cmp.Diff(c.want, did, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("after the failure (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAStandInThatFailsLeavesTheReplicasAlone(t *testing.T) {
	t.Parallel()
	f, m, o, r := replicas(2, 1)
	r.Update.Order, r.Update.OnFailure = resource.StartFirst, resource.FailureRollback
	f.fail["start instance/web-3"] = errors.New("no such command")
	e := New(Config{Plugins: f, Events: func(e event.Event) {
		if e.Type == event.Notice {
			t.Errorf("nothing goes back, and it says %q", e.Text)
		}
	}})
	_, err := e.Apply(t.Context(), Up(m, o, UpOptions{Rolling: []Rollout{r}}))
	if err == nil || !strings.Contains(err.Error(), "has failed before any replica was changed") {
		t.Errorf("the error is %v", err)
	}
	if diff := cmp.Diff([]string{"ensure instance/web-3", "start instance/web-3", "delete instance/web-3"}, f.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestUpdatesWaitForWhatTheyNeedBeforeTheyTakeAReplicaAway(t *testing.T) {
	t.Parallel()
	f, m, o, r := replicas(2, 0)
	img := ref(resource.KindImage, "nginx")
	all := slices.Clone(m.Resolved)
	for i := range all {
		if all[i].Kind == resource.KindInstance {
			all[i].DependsOn = append(slices.Clone(all[i].DependsOn), edge(img, resource.ConditionEnsured))
		}
	}
	m = NewModel(append(all, resolved(img)))
	o.Changes[img] = resource.Change{Ref: img, Class: resource.ClassLive}
	did, err := f.roll(t, m, o, r)
	if err != nil {
		t.Fatal(err)
	}
	before(t, did, "ensure image/nginx", "in  out web-1")
}

func TestRollbackTakesReplicasBackAndLeadsToThemAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		back, parallelism int
		want              []string
	}{
		"one after the other": {2, 1, []string{
			"in  out web-1", "rollback instance/web-1", "start instance/web-1", "monitor instance/web-1",
			"in web-1 out web-2", "rollback instance/web-2", "start instance/web-2", "monitor instance/web-2", "in web-2 out ",
		}},
		"one of two": {1, 0, []string{
			"in  out web-1", "rollback instance/web-1", "start instance/web-1", "monitor instance/web-1", "in web-1 out ",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, m, o, r := replicas(2, 0)
			r.Back, r.Rollback.Parallelism = r.Replicas[:c.back], c.parallelism
			if _, err := New(Config{Plugins: f}).Apply(t.Context(), Rollback(m, o, []Rollout{r}, resource.Options{})); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, f.calls); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReplicasThatAllGoBackAtOnceAreLedToAgain(t *testing.T) {
	t.Parallel()
	f, m, o, r := replicas(1, 0)
	r.Back = r.Replicas
	if _, err := New(Config{Plugins: f}).Apply(t.Context(), Rollback(m, o, []Rollout{r}, resource.Options{})); err != nil {
		t.Fatal(err)
	}
	want := []string{"rollback instance/web-1", "start instance/web-1", "monitor instance/web-1", "in web-1 out "}
	if diff := cmp.Diff(want, f.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}
