//go:build incus

package main

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func TestPullKeepsTheImagesConfiguration(t *testing.T) {
	b := newBed(t, "shop")
	out, result := b.mustEnsure(kinds.ImageConfig{Reference: "redis:8"}, resource.Options{})
	if !result.Created || !result.Changed {
		t.Errorf("a first pull says created %v, changed %v", result.Created, result.Changed)
	}
	if out.Reference != "docker.io/library/redis:8" || out.Native || out.Fingerprint == "" || out.Size == 0 {
		t.Errorf("outputs are %+v", out)
	}
	digest, err := pulled(t, "library/redis:8").Digest()
	if err != nil || out.Digest != digest.String() {
		t.Errorf("digest is %s, want the manifest's %s (%v)", out.Digest, digest, err)
	}
	file, err := pulled(t, "library/redis:8").ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	p := out.Process
	if p == nil || len(p.Entrypoint) == 0 || len(p.Volumes) == 0 {
		t.Fatalf("the configuration is %+v, want redis' own", p)
	}
	if diff := cmp.Diff([][]string{file.Config.Entrypoint, file.Config.Cmd, file.Config.Env}, [][]string{p.Entrypoint, p.Cmd, p.Env}); diff != "" {
		t.Errorf("the configuration differs from the registry's (-registry +outputs):\n%s", diff)
	}
}

func TestNothingToDoAsksOneQuestion(t *testing.T) {
	b := newBed(t, "shop")
	first, _ := b.mustEnsure(kinds.ImageConfig{Reference: "busybox:1"}, resource.Options{})
	// From here on the registry is gone: whoever asks it fails.
	deaf := b.with(func(s *sdk.Settings) {
		s.Remotes = map[string]sdk.ImageRemote{"docker.io": {Address: "https://127.0.0.1:1", Protocol: "oci"}}
	})
	b.asked.Since()
	again, result := deaf.mustEnsure(kinds.ImageConfig{Reference: "busybox:1"}, resource.Options{})
	if asked := b.asked.Since(); !slices.Equal(asked, []string{"GET /1.0/images"}) {
		t.Errorf("the second run asked %q, want one listing", asked)
	}
	if result.Changed || result.Created {
		t.Errorf("the second run says changed %v, created %v", result.Changed, result.Created)
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("outputs differ from the first run's:\n%s", diff)
	}
}

func TestImagesWithTheSameLayersKeepTheirConfigurations(t *testing.T) {
	b := newBed(t, "shop")
	base := pulled(t, "library/busybox:1")
	pushed(t, "test/one:1", saying(t, base, "echo", "one"))
	pushed(t, "test/two:1", saying(t, base, "echo", "two"))
	one, _ := b.mustEnsure(kinds.ImageConfig{Reference: "test/one:1"}, resource.Options{})
	two, _ := b.mustEnsure(kinds.ImageConfig{Reference: "test/two:1"}, resource.Options{})
	if one.Fingerprint != two.Fingerprint || one.Digest == two.Digest {
		t.Fatalf("fingerprints %s and %s, digests %s and %s: this is not the case to test", one.Fingerprint, two.Fingerprint, one.Digest, two.Digest)
	}
	plan, _ := b.plan(resource.Options{}, kinds.ImageConfig{Reference: "test/one:1"}, kinds.ImageConfig{Reference: "test/two:1"})
	for i, word := range []string{"one", "two"} {
		if cmd := outputsOf(t, plan.States[i].Outputs).Process.Cmd; !slices.Equal(cmd, []string{"echo", word}) {
			t.Errorf("image %s has command %q", word, cmd)
		}
	}
	if !b.remove(kinds.ImageConfig{Reference: "test/one:1"}).Changed {
		t.Error("deleting the first image changed nothing")
	}
	plan, _ = b.plan(resource.Options{}, kinds.ImageConfig{Reference: "test/one:1"}, kinds.ImageConfig{Reference: "test/two:1"})
	if plan.States[0].Exists || !plan.States[1].Exists || outputsOf(t, plan.States[1].Outputs).Process == nil {
		t.Errorf("after deleting the first: %+v", plan.States)
	}
	img, _, err := b.server.GetImage(two.Fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(strings.Join(slices.Collect(func(yield func(string) bool) {
		for k := range img.Properties {
			if !yield(k) {
				return
			}
		}
	}), " "), "user.icc.config."); n != 1 {
		t.Errorf("the image has %d configurations, want the second's only", n)
	}
}

func TestParallelPullsConverge(t *testing.T) {
	b := newBed(t, "shop")
	const runs = 4
	var wg sync.WaitGroup
	outs := make([]kinds.ImageOutputs, runs)
	for i := range runs {
		wg.Go(func() {
			other := b.with(func(s *sdk.Settings) { s.ComposeProject = string(rune('a' + i)) })
			result, _, err := other.ensure(kinds.ImageConfig{Reference: "debian:13-slim"}, resource.Options{})
			if err != nil {
				t.Errorf("run %d: %v", i, err)
				return
			}
			outs[i] = outputsOf(t, result.Outputs)
		})
	}
	wg.Wait()
	if len(b.images()) != 1 || len(b.aliases()) != 1 {
		t.Errorf("the server has images %q with aliases %q, want one of each", b.images(), b.aliases())
	}
	for i := range runs {
		outs[i].CreatedAt = time.Time{}
		if diff := cmp.Diff(outs[0].Digest, outs[i].Digest); diff != "" || outs[i].Process == nil {
			t.Errorf("run %d has other outputs: %+v", i, outs[i])
		}
	}
}

func TestAlwaysPullsWhatIsNew(t *testing.T) {
	b := newBed(t, "shop")
	config := kinds.ImageConfig{Reference: "test/moving:1", PullPolicy: "always"}
	base := pulled(t, "library/busybox:1")
	pushed(t, "test/moving:1", saying(t, base, "echo", "old"))
	first, _ := b.mustEnsure(config, resource.Options{})

	if _, result := b.mustEnsure(config, resource.Options{}); result.Changed {
		t.Error("asking again without news is called a change")
	}

	pushed(t, "test/moving:1", saying(t, base, "echo", "new"))
	second, result := b.mustEnsure(config, resource.Options{})
	if !result.Changed || result.Created || second.Fingerprint != first.Fingerprint || second.Process.Cmd[1] != "new" {
		t.Errorf("after a change of the configuration alone: changed %v, %+v", result.Changed, second)
	}

	pushed(t, "test/moving:1", withLayer(t, base))
	third, result := b.mustEnsure(config, resource.Options{})
	if !result.Changed || third.Fingerprint == first.Fingerprint {
		t.Errorf("after a change of the layers: changed %v, fingerprint %s", result.Changed, third.Fingerprint)
	}
	if images := b.images(); len(images) != 1 {
		t.Errorf("the server has %q, want the new image only", images)
	}
	if out, result := b.mustEnsure(kinds.ImageConfig{Reference: "test/moving:1"}, resource.Options{}); result.Changed || out.Digest != third.Digest {
		t.Errorf("another run without a policy: changed %v, %s", result.Changed, out.Digest)
	}
}

func TestPoliciesWithTime(t *testing.T) {
	b := newBed(t, "shop")
	config := kinds.ImageConfig{Reference: "busybox:1", PullPolicy: "daily"}
	b.mustEnsure(config, resource.Options{})
	for _, step := range []struct {
		after time.Duration
		asks  bool
	}{{time.Hour, false}, {25 * time.Hour, true}, {26 * time.Hour, false}, {50 * time.Hour, true}} {
		b.now = func() time.Time { return time.Now().Add(step.after) }
		plan, _ := b.plan(resource.Options{Create: true}, config)
		if asks := plan.Changes[0].Class != resource.ClassNone; asks != step.asks {
			t.Errorf("after %v the registry is asked: %v, want %v", step.after, asks, step.asks)
		}
		b.mustEnsure(config, resource.Options{})
	}
}

func TestAnImageWhoseTimeIsUpIsKeptWhenNobodyAnswers(t *testing.T) {
	b := newBed(t, "shop")
	config := kinds.ImageConfig{Reference: "busybox:1", PullPolicy: "every_12h"}
	before, _ := b.mustEnsure(config, resource.Options{})
	down := b.with(func(s *sdk.Settings) {
		s.Remotes = map[string]sdk.ImageRemote{"docker.io": {Address: "https://127.0.0.1:1", Protocol: "oci"}}
	})
	down.now = func() time.Time { return time.Now().Add(13 * time.Hour) }
	result, sink, err := down.ensure(config, resource.Options{})
	if err != nil || result.Changed || outputsOf(t, result.Outputs).Digest != before.Digest {
		t.Fatalf("got %v, %+v, want the image that is there", err, result)
	}
	if text := sink.String(); !strings.HasPrefix(text, "warning: image docker.io/library/busybox:1 stays as it is") ||
		!strings.Contains(text, "cannot be reached") {
		t.Errorf("the user hears %q", text)
	}
	if _, _, err := down.ensure(config, resource.Options{Pull: resource.PullAlways}); !errors.Is(err, resource.ErrImageSource) {
		t.Errorf("asked for a newer one: got %v, want ErrImageSource", err)
	}
}

func TestAPullThatFailsLeavesWhatWasThere(t *testing.T) {
	b := newBed(t, "shop")
	before, _ := b.mustEnsure(kinds.ImageConfig{Reference: "busybox:1"}, resource.Options{})
	down := b.with(func(s *sdk.Settings) {
		s.Remotes = map[string]sdk.ImageRemote{"docker.io": {Address: "https://127.0.0.1:1", Protocol: "oci"}}
	})
	_, _, err := down.ensure(kinds.ImageConfig{Reference: "busybox:1"}, resource.Options{Pull: resource.PullAlways})
	if !errors.Is(err, resource.ErrImageSource) || resource.Hint(err) == "" {
		t.Errorf("got %v, want ErrImageSource with a hint", err)
	}
	_, _, err = b.ensure(kinds.ImageConfig{Reference: "test/missing:1"}, resource.Options{})
	if !errors.Is(err, resource.ErrNotFound) || !strings.Contains(err.Error(), "docker.io has no image test/missing:1") {
		t.Errorf("got %v, want ErrNotFound that names the image and its registry", err)
	}
	after, _ := b.mustEnsure(kinds.ImageConfig{Reference: "busybox:1"}, resource.Options{Pull: resource.PullNever})
	if after.Fingerprint != before.Fingerprint || len(b.images()) != 1 || len(b.aliases()) != 1 {
		t.Errorf("the server has images %q and aliases %q afterwards", b.images(), b.aliases())
	}
	_, _, err = b.ensure(kinds.ImageConfig{Reference: "debian:13", PullPolicy: "never"}, resource.Options{})
	if !errors.Is(err, resource.ErrNotFound) {
		t.Errorf("never with a missing image: got %v, want ErrNotFound", err)
	}
}

func TestDigestsAndForeignAliases(t *testing.T) {
	b := newBed(t, "shop")
	digest, err := pulled(t, "library/busybox:1").Digest()
	if err != nil {
		t.Fatal(err)
	}
	out, _ := b.mustEnsure(kinds.ImageConfig{Reference: "busybox@" + digest.String()}, resource.Options{})
	if out.Digest != digest.String() || out.Process == nil {
		t.Errorf("outputs of the pinned image: %+v", out)
	}
	if _, result := b.mustEnsure(kinds.ImageConfig{Reference: "busybox@" + digest.String()}, resource.Options{Pull: resource.PullAlways}); result.Changed {
		t.Error("a pinned image was pulled again")
	}
}
