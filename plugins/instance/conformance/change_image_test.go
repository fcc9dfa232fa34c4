//go:build incus

package conformance

import (
	"strings"
	"testing"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// reimaged makes the name busybox mean another image.
func (l *lab) reimaged(change func(*kinds.ImageOutputs)) {
	l.t.Helper()
	out := l.image("redis")
	out.Reference = "docker.io/library/busybox"
	if change != nil {
		change(&out)
	}
	l.put(resource.Ref{Kind: resource.KindImage, Name: "busybox"}, out)
}

func TestAnotherImageKeepsNameAddressesVolumesAndLog(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.changing("web", "10.201.34")
	c.Entrypoint = []string{"sh", "-c", "echo hello; sleep 100000"}
	name := l.up(c).IncusName
	l.waitLog(c, "hello\n") // a stop would not wait for it
	l.sh(c, "touch /kept /data/kept")
	l.byHand(name, "user.by-hand", "mine")
	before, _, err := l.server.GetInstance(name)
	if err != nil {
		t.Fatal(err)
	}
	image := l.outputs[resource.Ref{Kind: resource.KindImage, Name: "busybox"}]
	delete(l.outputs, resource.Ref{Kind: resource.KindImage, Name: "busybox"})
	if got := l.change(c); got.Class != resource.ClassRebuild {
		t.Errorf("with an image that is not there yet the plan says %s, %s: %+v", got.Class, got.Reason, got.Fields)
	}
	l.outputs[resource.Ref{Kind: resource.KindImage, Name: "busybox"}] = image
	l.reimaged(nil)
	if got := l.change(c); got.Class != resource.ClassRebuild || !strings.Contains(got.Reason, "image") {
		t.Fatalf("the plan says %s, %s: %+v", got.Class, got.Reason, got.Fields)
	}
	l.up(c)
	if got := l.sh(c, "which redis-server; ls /kept /data/kept 2>/dev/null; cat /run/secrets/s; grep -c 10.201.34.10 /proc/net/fib_trie"); got !=
		"/usr/bin/redis-server\n/data/kept\none2\n" {
		t.Errorf("inside there is %q", got)
	}
	after, _, err := l.server.GetInstance(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"volatile.eth0.hwaddr", "volatile.uuid", "user.by-hand"} {
		if before.Config[key] != after.Config[key] || after.Config[key] == "" {
			t.Errorf("%s was %q and is %q", key, before.Config[key], after.Config[key])
		}
	}
	if !after.CreatedAt.Equal(before.CreatedAt) {
		t.Error("it was made anew")
	}
	if got := l.waitLog(c, "hello\nhello\n"); got != "hello\nhello\n" {
		t.Errorf("its log has of both runs %q", got)
	}
	l.settled(c)
}

func TestWithoutIccInitAnotherImageBringsItsOwnUserAndDirectory(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.service("web", "redis", "sleep", "100000")
	c.Image, c.Init = "busybox", kinds.InitOff
	l.image("busybox")
	l.up(c)
	l.reimaged(nil)
	if got := l.change(c).Class; got != resource.ClassRebuild {
		t.Fatalf("the plan says %q", got)
	}
	l.up(c)
	if got := l.setting(c, "oci.cwd"); got != "/data" {
		t.Errorf("its directory is %q, redis' is /data", got)
	}
	l.settled(c)
}

func TestAnImageThatHasDisappearedLeavesTheServiceRunning(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	l.up(c)
	before := l.process(c)
	l.reimaged(func(o *kinds.ImageOutputs) { o.Fingerprint = strings.Repeat("0", 64) })
	_, _, err := l.run(c, resource.ActionEnsure, resource.Options{Create: true})
	if err == nil || !strings.Contains(err.Error(), "has disappeared") {
		t.Errorf("the error is %v", err)
	}
	if after := l.process(c); after != before {
		t.Errorf("the process was %q and is %q", before, after)
	}
}

func TestAnInterruptedRebuildIsBegunAgain(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	name := l.up(c).IncusName
	l.byHand(name, resource.KeyHash, "rebuilding")
	if got := l.change(c); got.Class != resource.ClassRebuild {
		t.Errorf("the plan says %s, %s: %+v", got.Class, got.Reason, got.Fields)
	}
	l.up(c)
	l.settled(c)
}

func TestWhatCannotBeRebuiltIsMadeAnew(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	name := l.up(c).IncusName
	l.reimaged(nil)
	present := l.provider
	l.provider = l.newProvider(func(s *sdk.Settings) { s.APIExtensions = []string{"projects"} })
	if got := l.change(c); got.Class != resource.ClassRecreate || !strings.Contains(got.Reason, "cannot rebuild") {
		t.Errorf("on an old server the plan says %s, %s: %+v", got.Class, got.Reason, got.Fields)
	}
	l.provider = present
	op, err := l.server.CreateInstanceSnapshot(name, api.InstanceSnapshotsPost{Name: "s"})
	if err == nil {
		err = op.Wait()
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := l.change(c); got.Class != resource.ClassRecreate || !strings.Contains(got.Reason, "snapshots") {
		t.Errorf("with a snapshot the plan says %s, %s: %+v", got.Class, got.Reason, got.Fields)
	}
	l.up(c)
	if got := l.sh(c, "which redis-server"); got == "" {
		t.Error("it runs the old image")
	}
}

func TestWhatIsToBeMadeAnewIsEvenIfNothingDiffers(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	l.up(c)
	l.sh(c, "touch /gone")
	p := l.plan(c)
	asked := resource.Change{Ref: ref(c), Class: resource.ClassRecreate, Reason: "asked for"}
	result, err := l.provider.Run(t.Context(), sdk.RunRequest{Resource: l.resolve(c)[0], Action: resource.ActionEnsure, Change: asked,
		State: p.States[0], Inputs: l.inputs(), Options: resource.Options{Create: true}}, &sink{})
	if err != nil || !result.Created {
		t.Fatalf("%+v, %v", result, err)
	}
	// Another run has done it already, with the plan of before.
	again, err := l.provider.Run(t.Context(), sdk.RunRequest{Resource: l.resolve(c)[0], Action: resource.ActionEnsure, Change: asked,
		State: p.States[0], Inputs: l.inputs(), Options: resource.Options{Create: true}}, &sink{})
	if err != nil || again.Created {
		t.Errorf("made anew once more: %+v, %v", again, err)
	}
	l.must(c, resource.ActionStart)
	if got := l.sh(c, "ls /gone 2>&1; true"); !strings.Contains(got, "No such file") {
		t.Errorf("it is the old one: %q", got)
	}
}
