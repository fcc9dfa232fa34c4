//go:build incus

package e2e

import (
	"strings"
	"testing"
)

func TestImagesOfOtherServicesHinderNobody(t *testing.T) {
	t.Parallel()
	p := newProject(t, `services:
  web: {build: {dockerfile_inline: "FROM busybox:1"}, command: sleep infinity}
  unbuilt: {build: {dockerfile_inline: "FROM busybox:1"}, command: "true"}
  unpulled: {image: "ghcr.io/redis:8", pull_policy: never}
`)
	p.ok("build", "web")
	p.ok("up", "-d", "--no-build", "web")
	if r := p.ok("up", "-d", "--build", "web"); strings.Contains(r.String(), "switched off") {
		t.Errorf("up --build web speaks of other services:\n%s", r)
	}
	p.ok("run", "--rm", "--no-deps", "web", "true")
	p.fails(1, []string{"up", "-d", "--no-build", "unbuilt"}, "services.unbuilt.build", "building it is switched off")
}
