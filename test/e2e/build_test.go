//go:build incus

package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/lxc/incus/v6/shared/api"
)

const builder = `
services:
  web:
    build: {context: ./web, args: {WORD: "${WORD:-first}"}}
`

const containerfile = `FROM busybox:1
ARG WORD
RUN echo "$WORD" > /word
CMD ["sleep", "infinity"]
`

func TestBuild(t *testing.T) {
	t.Parallel()
	p := newProject(t, builder)
	p.write("web/Containerfile", containerfile)
	p.ok("up", "-d")

	if got := p.inside("web", "cat /word"); got != "first" {
		t.Fatalf("the image has %q", got)
	}

	before := p.instances()[p.instance("web", 1)]

	t.Run("of nothing new recreates nothing", func(t *testing.T) {
		for _, args := range [][]string{{"up", "-d"}, {"up", "-d", "--build"}, {"build"}, {"up", "-d"}} {
			p.ok(args...)
		}

		if now := p.instances()[p.instance("web", 1)]; now.CreatedAt != before.CreatedAt || now.LastUsedAt != before.LastUsedAt ||
			now.Config["volatile.base_image"] != before.Config["volatile.base_image"] {
			t.Error("the instance was made anew")
		}
	})
	t.Run("of a changed file reaches the instance", func(t *testing.T) {
		p.write("web/Containerfile", strings.Replace(containerfile, "RUN echo", "RUN echo changed", 1))
		p.ok("up", "-d", "--build")

		if got := p.inside("web", "cat /word"); got != "changed first" {
			t.Errorf("the image has %q", got)
		}
	})
	t.Run("that fails says where, and leaves what runs alone", func(t *testing.T) {
		p.write("web/Containerfile", "FROM busybox:1\nRUN echo nothing-works-here && false\n")
		p.fails(1, []string{"up", "-d", "--build"}, "web", "hint: ", "nothing-works-here")
		p.wantInstances(p.instance("web", 1) + " running")
	})
	t.Run("without a Containerfile says so", func(t *testing.T) {
		p.remove("web/Containerfile")
		p.fails(1, []string{"build"}, "ontainerfile", "hint: ")
	})
}

func TestDownRmiRemovesBuiltImages(t *testing.T) {
	t.Parallel()
	p := newProject(t, builder)
	p.write("web/Containerfile", containerfile+"LABEL only=here-"+p.name+"\n")
	p.ok("up", "-d")

	fingerprint := p.instances()[p.instance("web", 1)].Config["volatile.base_image"]
	p.ok("down", "--rmi", "local")

	images, err := p.host.Incus(t).GetImagesAllProjects()
	p.must(err)

	for _, image := range images {
		if image.Fingerprint == fingerprint {
			t.Error("the built image is still there")
		}
	}
}

func TestDownRmiLocalLeavesFetchedImagesAndAllTakesThem(t *testing.T) {
	t.Parallel()
	// No other test uses this image.
	author := newProject(t, "")
	image := author.published("LABEL only=here-" + author.name)
	author.ok("down", "--rmi", "all") // the image of the build is the one that is fetched
	p := author.another(`services: {web: {image: "` + image + `"}}`)
	exists := func(fingerprint string) bool {
		images, err := p.host.Incus(t).GetImagesAllProjects()
		p.must(err)

		return slices.ContainsFunc(images, func(image api.Image) bool { return image.Fingerprint == fingerprint })
	}

	p.ok("up", "-d")

	fingerprint := p.instances()[p.instance("web", 1)].Config["volatile.base_image"]
	p.ok("down", "--rmi", "local")

	if !exists(fingerprint) {
		t.Error("down --rmi local removed an image that was fetched")
	}

	p.ok("up", "-d")
	p.ok("down", "--rmi", "all")

	if exists(fingerprint) {
		t.Error("down --rmi all left the image")
	}

	p.ok("up", "-d")
	p.ok("down", "--volumes")
	p.ok("down", "--rmi", "all")

	if exists(fingerprint) {
		t.Error("down --rmi all left the image when there was nothing else of the project")
	}
}

func TestPullFetchesAndCreatesNothingElse(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)
	p.ok("pull")
	p.wantInstances()
}
