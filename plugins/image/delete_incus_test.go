//go:build incus

package main

import (
	"errors"
	"testing"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/image/record"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func TestDeleteSparesWhatIsUsed(t *testing.T) {
	b := newBed(t, "shop")
	config := kinds.ImageConfig{Reference: "busybox:1"}
	if b.remove(config).Changed {
		t.Error("deleting what is not there is called a change")
	}
	out, _ := b.mustEnsure(config, resource.Options{})
	b.start("other-1", out.Fingerprint, map[string]string{"oci.entrypoint": "sleep 1000"})
	if b.remove(config).Changed || len(b.aliases()) != 1 {
		t.Error("an image in use was deleted")
	}
	b.stop("other-1")
	if !b.remove(config).Changed || len(b.images()) != 0 {
		t.Errorf("an unused image stays: %q", b.images())
	}
}

func TestForeignImagesAreUsedButNeverTouched(t *testing.T) {
	b := newBed(t, "shop")
	b.mustEnsure(kinds.ImageConfig{Reference: "busybox:1"}, resource.Options{})
	const alias = "mine"
	fingerprint := b.aliases()["docker.io/library/busybox:1"]
	err := b.server.CreateImageAlias(api.ImageAliasesPost{ImageAliasesEntry: api.ImageAliasesEntry{
		Name: alias, ImageAliasesEntryPut: api.ImageAliasesEntryPut{Target: fingerprint, Description: "hands off"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	config := kinds.ImageConfig{Reference: "local:" + alias}
	plan, _ := b.plan(resource.Options{}, config)
	if !plan.States[0].External || !plan.States[0].Exists {
		t.Errorf("state %+v, want an external image", plan.States[0])
	}
	if out, _ := b.mustEnsure(config, resource.Options{Pull: resource.PullAlways}); out.Fingerprint != fingerprint {
		t.Errorf("outputs %+v", out)
	}
	if b.remove(config).Changed {
		t.Error("somebody else's alias was deleted")
	}
	if !b.remove(kinds.ImageConfig{Reference: "busybox:1"}).Changed || len(b.images()) != 1 {
		t.Error("deleting icc's name of a shared image has to leave the image")
	}
}

func TestAnAliasThatSomebodyMakesMeanwhile(t *testing.T) {
	b := newBed(t, "shop")
	out, _ := b.mustEnsure(kinds.ImageConfig{Reference: "busybox:1"}, resource.Options{})
	err := b.server.CreateImageAlias(api.ImageAliasesPost{ImageAliasesEntry: api.ImageAliasesEntry{
		Name: "taken", ImageAliasesEntryPut: api.ImageAliasesEntryPut{Target: out.Fingerprint, Description: "hands off"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	j := &job{settings: b.settings, server: b.server, sink: &heard{}}
	j.alias = "taken"
	if _, err := j.point(t.Context(), out.Fingerprint, record.Alias{Digest: out.Digest}); !errors.Is(err, resource.ErrConflict) || resource.Hint(err) == "" {
		t.Errorf("got %v, want ErrConflict with a hint", err)
	}
	entry, _, err := b.server.GetImageAlias("taken")
	if err != nil || entry.Description != "hands off" {
		t.Errorf("the alias is now %+v, %v", entry, err)
	}
}

func TestProjectsThatDoNotExist(t *testing.T) {
	b := newBed(t, "shop")
	b.mustEnsure(kinds.ImageConfig{Reference: "busybox:1"}, resource.Options{})
	future := b.with(func(s *sdk.Settings) { s.IncusProject, s.ProjectOwned = "icc-shop", true })
	plan, _ := future.plan(resource.Options{Create: true}, kinds.ImageConfig{Reference: "busybox:1"})
	if !plan.States[0].Exists || plan.Changes[0].Class != resource.ClassNone {
		t.Errorf("a project that will share images: %+v %+v", plan.States, plan.Changes)
	}
	foreign := b.with(func(s *sdk.Settings) { s.IncusProject = "nobodys" })
	plan, _ = foreign.plan(resource.Options{}, kinds.ImageConfig{Reference: "busybox:1"})
	if plan.States[0].Exists || plan.States[0].Status != resource.StatusMissing {
		t.Errorf("a missing project has %+v", plan.States)
	}
}
