//go:build incus

package e2e

import (
	"strings"
	"testing"
)

func TestImagesOfOtherServicesHinderNobody(t *testing.T) {
	t.Parallel()
	compose := `services:
  web: {build: {dockerfile_inline: "FROM busybox:1"}, command: sleep infinity, stop_grace_period: 0s, deploy: {update_config: {order: start-first, monitor: 10ms}}}
  unbuilt: {build: {dockerfile_inline: "FROM busybox:1"}, command: "true"}
  unpulled: {image: "ghcr.io/redis:8", pull_policy: never}
`
	p := newProject(t, compose)
	p.ok("build", "web")
	p.ok("up", "-d", "--no-build", "web")
	if r := p.ok("up", "-d", "--build", "web"); strings.Contains(r.String(), "switched off") {
		t.Errorf("up --build web speaks of other services:\n%s", r)
	}
	p.ok("run", "--rm", "--no-deps", "web", "true")
	p.fails(1, []string{"up", "-d", "--no-build", "unbuilt"}, "services.unbuilt.build", "building it is switched off")

	// The plan with an instance that stands in is a second one.
	p.write("compose.yaml", strings.Replace(compose, "sleep infinity", "sleep 1000", 1))
	if r := p.ok("up", "-d", "--no-build", "web"); !strings.Contains(r.stderr, p.instance("web", 2)) {
		t.Errorf("nothing stood in for web:\n%s", r)
	}
}
