//go:build incus

package conformance

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func TestAnInstanceIsMadeStartedStoppedAndDeleted(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")

	if got := l.change(c).Class; got != resource.ClassCreate {
		t.Errorf("before anything, the plan says %q", got)
	}
	made := l.must(c, resource.ActionEnsure)
	if !made.Created || !made.Changed {
		t.Errorf("the creation reports %+v", made)
	}
	if got := l.state(c).Status; got != resource.StatusStopped {
		t.Errorf("after ensure it is %q", got)
	}
	if got := outputs(t, l.must(c, resource.ActionStart).Outputs); got.Status != "running" || got.StartedAt.IsZero() {
		t.Errorf("after start it is %q, started at %v", got.Status, got.StartedAt)
	}
	if l.must(c, resource.ActionStart).Changed {
		t.Error("starting what runs says that it changed something")
	}
	l.must(c, resource.ActionStop)
	if got := l.state(c).Status; got != resource.StatusStopped {
		t.Errorf("after stop it is %q", got)
	}
	if l.must(c, resource.ActionStop).Changed {
		t.Error("stopping what is stopped says that it changed something")
	}
	l.must(c, resource.ActionDelete)
	if l.must(c, resource.ActionDelete).Changed {
		t.Error("deleting what is gone says that it changed something")
	}
	if l.must(c, resource.ActionStop).Changed {
		t.Error("stopping what is gone says that it changed something")
	}
	if got := l.state(c); got.Exists {
		t.Errorf("after delete it is still there: %+v", got)
	}
}

func TestAPlanWithoutChangesWritesNothing(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	c.Labels = map[string]string{"a": "b"}
	l.up(c)
	before, etag, err := l.server.GetInstance(l.state(c).IncusName)
	if err != nil {
		t.Fatal(err)
	}
	if got := l.change(c); got.Class != resource.ClassNone || len(got.Fields) > 0 {
		t.Errorf("the second plan wants %+v", got)
	}
	if got := l.must(c, resource.ActionEnsure); got.Changed {
		t.Errorf("the second ensure says that it changed something")
	}
	_, after, err := l.server.GetInstance(before.Name)
	if err != nil {
		t.Fatal(err)
	}
	if after != etag {
		t.Error("the instance was written")
	}
}

func TestAMissingIncusProjectMeansThatNothingExists(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.provider = l.newProvider(func(s *sdk.Settings) { s.IncusProject = "nowhere" })
	if got := l.change(l.sleeper("web")).Class; got != resource.ClassCreate {
		t.Errorf("the plan says %q", got)
	}
}

func TestTwoEnsuresAtOnceConverge(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	c.User, c.Init = "nobody", kinds.InitOff // has to be looked up, so the creation has two steps
	r, p := l.resolve(c)[0], l.plan(c)
	errs := make([]error, 3)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			for _, action := range []resource.Action{resource.ActionEnsure, resource.ActionStart} {
				_, err := l.provider.Run(t.Context(), sdk.RunRequest{Resource: r, Action: action, Change: p.Changes[0], State: p.States[0],
					Inputs: l.inputs(), Options: resource.Options{Create: true}}, &sink{})
				errs[i] = errors.Join(errs[i], err)
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			t.Errorf("one of several ensures failed: %v", err)
		}
	}
	if s := l.state(c); s.Status != resource.StatusRunning {
		t.Errorf("it is %q", s.Status)
	}
	l.settled(c)
}

func TestACreationThatWasInterruptedIsMadeGood(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	l.must(c, resource.ActionEnsure)
	name := l.state(c).IncusName
	inst, etag, err := l.server.GetInstance(name)
	if err != nil {
		t.Fatal(err)
	}
	delete(inst.Config, resource.KeyHash) // what a crash before the last step leaves
	op, err := l.server.UpdateInstance(name, inst.InstancePut, etag)
	if err == nil {
		err = op.Wait()
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := l.change(c).Class; got != resource.ClassRecreate {
		t.Errorf("the plan says %q", got)
	}
	l.up(c)
	l.settled(c)
}

func TestAFailedCreationLeavesNothing(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.service("db", "redis")
	c.User, c.Init = "nosuchuser", kinds.InitOff
	_, _, err := l.run(c, resource.ActionEnsure, resource.Options{Create: true})
	if !errors.Is(err, resource.ErrConfig) || resource.Hint(err) == "" {
		t.Errorf("the error is %v, its hint %q", err, resource.Hint(err))
	}
	if l.state(c).Exists {
		t.Error("the instance was left behind")
	}
	volumes, err := l.server.GetStoragePoolVolumeNames("default")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range volumes {
		if strings.Contains(v, l.project) {
			t.Errorf("the volume %s was left behind", v)
		}
	}
}

func TestOrphansAreStoppedAndDeletedFromTheirStateAlone(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("old")
	c.Labels = map[string]string{"x": "y"}
	l.up(c)
	p := l.plan()
	if len(p.States) != 1 || p.States[0].Declared || p.States[0].Name != "old-1" || p.States[0].Status != resource.StatusRunning {
		t.Fatalf("without declarations the plan sees %+v", p.States)
	}
	if out := outputs(t, p.States[0].Outputs); out.Service != "old" || out.Number != 1 || out.Labels["x"] != "y" || out.Command != "sleep 100000" {
		t.Errorf("its outputs are %+v", out)
	}
	for _, action := range []resource.Action{resource.ActionLog, resource.ActionStop, resource.ActionDelete} {
		_, err := l.provider.Run(t.Context(), sdk.RunRequest{
			Resource: resource.Resolved{Ref: p.States[0].Ref, IncusName: p.States[0].IncusName}, Action: action, State: p.States[0],
		}, &sink{})
		if err != nil {
			t.Errorf("%s: %v", action, err)
		}
	}
	if left := l.plan().States; len(left) != 0 {
		t.Errorf("left: %+v", left)
	}
}

func TestReplicasTooManyArePlannedForDeletion(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	one, two := l.sleeper("web"), l.sleeper("web")
	two.Number = 2
	other := l.sleeper("other")
	for _, c := range []kinds.InstanceConfig{one, two, other} {
		l.must(c, resource.ActionEnsure)
	}
	for _, change := range l.plan(one).Changes {
		if change.Name == "web-2" && change.Class != resource.ClassDelete || change.Name == "other-1" {
			t.Errorf("the plan says %+v", change)
		}
	}
	if got := len(l.plan(one).Changes); got != 2 {
		t.Errorf("the plan has %d changes, want one for each of web-1 and web-2", got)
	}
}

func TestAForeignInstanceIsNotTouched(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	name := l.resolve(c)[0].IncusName
	op, err := l.server.CreateInstance(api.InstancesPost{Name: name, Type: "container", Source: api.InstanceSource{Type: "none"},
		InstancePut: api.InstancePut{Devices: map[string]map[string]string{"root": {"type": "disk", "path": "/", "pool": "default"}}}})
	if err == nil {
		err = op.Wait()
	}
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = l.run(c, resource.ActionEnsure, resource.Options{Create: true})
	if !errors.Is(err, resource.ErrConflict) {
		t.Errorf("ensuring over it: %v", err)
	}
	if _, _, err := l.server.GetInstance(name); err != nil {
		t.Errorf("it is gone: %v", err)
	}
}

func TestACancelledActionEndsAtOnce(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.service("web", "busybox", "sh", "-c", "trap '' TERM; while :; do sleep 1; done")
	l.up(c)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := l.plan(c)
	_, err := l.provider.Run(ctx, sdk.RunRequest{Resource: l.resolve(c)[0], Action: resource.ActionStop, State: p.States[0]}, &sink{})
	if !errors.Is(err, resource.ErrAborted) || !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}
