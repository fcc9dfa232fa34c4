//go:build incus

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestForegroundUpShowsLogsAndStopsOnCtrlC(t *testing.T) {
	t.Parallel()
	p := newProject(t, talkers+`    volumes: ["data:/data"]
volumes: {data: {}}
`)

	r := p.start("up")
	r.prints(p.instance("a", 1) + " | a one")
	r.prints(p.instance("b", 1) + " | b three")
	r.signal(os.Interrupt)

	if got := r.wait(30 * time.Second); got.code != 130 {
		t.Error(got)
	}

	p.wantInstances(p.instance("a", 1)+" stopped", p.instance("b", 1)+" stopped")

	if got := p.volumes(); len(got) != 1 {
		t.Errorf("Ctrl-C deleted volumes, there are %q", got)
	}
}

func TestCtrlCWhileServicesAreStartedStopsThem(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  after: {image: "busybox:1", command: [sleep, infinity], depends_on: {slow: {condition: service_healthy}}}
  slow: {image: "busybox:1", command: [sleep, infinity], stop_grace_period: 0s, healthcheck: {test: [CMD, "false"], interval: 200ms, retries: 1000}}
`)

	r := p.start("up", "after")
	r.says("Waiting")
	r.says(p.instance("after", 1) + "  Created") // which may be later
	r.signal(os.Interrupt)

	if got := r.wait(30 * time.Second); got.code != 130 || !strings.Contains(got.stderr, "press Ctrl-C again to kill") {
		t.Error(got)
	}

	p.wantInstances(p.instance("after", 1)+" stopped", p.instance("slow", 1)+" stopped")
}

func TestASecondCtrlCKills(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  deaf:
    image: debian:13-slim
    command: [sh, -c, "echo deaf; sleep infinity"]
    stop_grace_period: 10m
    stop_signal: SIGURG
`)

	r := p.start("up")
	r.prints("| deaf")
	r.signal(os.Interrupt)
	r.says("press Ctrl-C again to kill")
	r.signal(os.Interrupt)

	if got := r.wait(20 * time.Second); got.code != 130 {
		t.Error(got)
	}

	p.wantInstances(p.instance("deaf", 1) + " stopped")
}

func TestForegroundUpEndsWithItsServices(t *testing.T) {
	t.Parallel()
	p := newProject(t, `services: {job: {image: "busybox:1", command: [sh, -c, "sleep 2; echo done"]}}`)

	r := p.start("up")
	if got := r.wait(60 * time.Second); got.code != 0 || !strings.Contains(got.stdout, "| done") {
		t.Error(got)
	}
}

func TestCtrlCDuringUpLeavesNothingHalfMade(t *testing.T) {
	t.Parallel()

	// The moments are those of what icc says it is doing.
	for name, moment := range map[string]string{
		"while the network is made":     "Creating",
		"while the image is copied":     "slow-1  Creating",
		"while a service is waited for": "Waiting",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t, `
services:
  after: {image: "busybox:1", command: [sleep, infinity], depends_on: {slow: {condition: service_healthy}}}
  slow:
    image: postgres:17
    command: [sleep, infinity]
    healthcheck: {test: [CMD, test, -e, /ready], interval: 200ms, retries: 1000}
    volumes: ["data:/data"]
volumes: {data: {}}
`)

			r := p.start("up", "-d")
			r.says(moment)
			r.signal(os.Interrupt)

			got := r.wait(30 * time.Second)
			if got.code != 130 || !strings.Contains(got.stderr, "interrupted") {
				t.Error(got)
			}

			for name, instance := range p.instances() {
				if !slices.Contains([]string{"Running", "Stopped"}, instance.Status) || len(instance.Devices) == 0 {
					t.Errorf("%s is half made: %s", name, instance.Status)
				}
			}

			// Running it again gets there.
			p.write("compose.override.yaml", "services: {slow: {healthcheck: {test: [CMD, \"true\"]}}}")
			p.ok("up", "-d")
			p.wantInstances(p.instance("after", 1)+" running", p.instance("slow", 1)+" running")
		})
	}
}

func TestNoProcessAndNoFolderIsLeft(t *testing.T) {
	p := newProject(t, talkers)
	p.host.LeavesNothing(t, "image", "project", "network", "instance", "acl", "volume", "profile")

	// Sockets of plugins and proxies lie in one of these.
	scratch := filepath.Join(p.dir, "scratch")
	p.must(os.Mkdir(scratch, 0o700))
	p.env = append(p.env, "TMPDIR="+scratch, "XDG_RUNTIME_DIR="+scratch)
	p.ok("up", "-d")

	for name, end := range map[string]func(*running){
		"Ctrl-C": func(r *running) { r.signal(os.Interrupt) },
		// What icc itself cannot do then, its plugins do.
		"SIGKILL": func(r *running) { r.signal(os.Kill) },
	} {
		r := p.start("logs", "-f", "a")
		r.prints("a three")

		if len(folder(t, scratch)) == 0 {
			t.Fatal("while it runs, icc has nothing in the folder that this test looks at")
		}

		end(r)
		r.wait(10 * time.Second)
		eventually(t, 10*time.Second, func() string {
			if left := folder(t, scratch); len(left) > 0 {
				return fmt.Sprintf("after %s these folders are left: %q", name, left)
			}

			return ""
		})
	}

	p.ok("down")
}

// folder lists what is in a folder.
func folder(t *testing.T, dir string) []string {
	t.Helper()

	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}

	var found []string
	for _, e := range entries {
		found = append(found, e.Name())
	}

	return found
}
