//go:build incus

package e2e

import (
	"strings"
	"testing"
)

func TestBuildAndPushInOneGo(t *testing.T) {
	t.Parallel()
	author := newProject(t, "")
	image := author.published("ARG WORD=none", "RUN echo $WORD $(head -c 8 /dev/urandom | od -An -tx1) > /word")
	user := author.another("services:\n  web: {image: \"" + image + "\", pull_policy: always}\n")
	said := map[string]bool{}

	for _, args := range [][]string{{}, {"--build-arg", "WORD=hi"}, {"--build-arg", "WORD=hi", "--no-cache", "--pull"}} {
		author.ok(append([]string{"build", "--push"}, args...)...)
		user.ok("up", "-d")

		got := user.inside("web", "cat /word")
		if hi := strings.HasPrefix(got, "hi "); hi != (len(args) > 0) || said[got] {
			t.Errorf("build %v gives an image that says %q", args, got)
		}

		said[got] = true
	}

	user.ok("down", "--rmi", "all")

	unnamed := author.another("services:\n  web: {build: {dockerfile_inline: \"FROM busybox:1\"}}\n")
	if r := unnamed.ok("build", "--push"); !strings.Contains(r.stderr, "service web: the image has no name on a registry and is not pushed") {
		t.Errorf("an image without a name is not pushed in silence: %s", r)
	}
}
