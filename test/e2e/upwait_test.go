//go:build incus

package e2e

import (
	"strings"
	"testing"
)

func TestUpWaitExpectsServicesToGoOn(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  web: {image: "busybox:1", command: [sleep, infinity], stop_grace_period: 0s, depends_on: {job: {condition: service_completed_successfully}}}
  job: {image: "busybox:1", command: ["true"]}
  seed: {image: "busybox:1", command: [sh, -c, "echo all is done"], profiles: [seed]}
  bare: {image: "busybox:1", command: [sleep, infinity], stop_grace_period: 0s, x-icc: {init: off}}
`)
	p.ok("up", "--wait")

	for range 2 {
		var r result

		// As with Docker, a service that ends half a second after its start or later has passed for one that goes on.
		eventually(t, patience, func() string {
			r = p.icc("--profile", "seed", "up", "--wait")
			if r.code == 0 {
				return "nobody saw seed end: " + r.String()
			}

			return ""
		})
		p.refused(r, 1, p.instance("seed", 1), "ended with the exit code 0", "all is done", "service_completed_successfully")

		if strings.Contains(r.stderr, p.instance("job", 1)+" has ended") {
			t.Errorf("a job that others wait for may end: %s", r)
		}
	}

	p.ok("--profile", "seed", "up", "-d")
}
