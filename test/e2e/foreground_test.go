//go:build incus

package e2e

import (
	"os"
	"strings"
	"testing"
	"time"
)

const suite = `
services:
  db: {image: "busybox:1", command: [sh, -c, "echo db up; sleep infinity"]}
  quick: {image: "busybox:1", command: [sh, -c, "echo quick; sleep 1"]}
  test: {image: "busybox:1", command: [sh, -c, "echo testing; sleep 4; exit 42"]}
  quiet: {image: "busybox:1", command: [sh, -c, "echo never shown; sleep infinity"], attach: false}
`

func TestForegroundUpEndsWhenAProcessEnds(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		flags []string
		code  int
	}{
		"any end":                {[]string{"--abort-on-container-exit"}, 0},
		"any failure":            {[]string{"--abort-on-container-failure"}, 42},
		"the end of one service": {[]string{"--exit-code-from", "test", "--abort-on-container-failure"}, 42},
		"any end, while another service's exit code counts": {[]string{"--exit-code-from", "db"}, 143},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t, suite)

			r := p.icc(append([]string{"up", "-t", "1"}, c.flags...)...)
			if c.code == 143 && r.code == 137 { // a shell that sleeps as PID 1's child may need the kill
				r.code = 143
			}

			if r.code != c.code || !strings.Contains(r.stdout, p.instance("quick", 1)+" exited with code 0\n") || !strings.Contains(r.stdout, "Aborting on container exit") {
				t.Error(r)
			}

			for _, row := range p.ps() {
				if row.State != "exited" {
					t.Errorf("%+v", row)
				}
			}
		})
	}
}

func TestForegroundUpShowsTheLogsThatAreWanted(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		flags       []string
		shown, lack string
	}{
		"all but those that say otherwise": {nil, "db up", "never shown"},
		"those that are named":             {[]string{"--attach", "test"}, "testing", "db up"},
		"all but those that are named":     {[]string{"--no-attach", "db"}, "testing", "db up"},
		"with times":                       {[]string{"--timestamps", "--no-log-prefix"}, "Z testing\n", "never shown"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t, suite)

			r := p.icc(append([]string{"up", "-t", "0", "--abort-on-container-failure"}, c.flags...)...)
			if r.code != 42 || !strings.Contains(r.stdout, c.shown) || strings.Contains(r.stdout, c.lack) {
				t.Errorf("want %q and not %q: %s", c.shown, c.lack, r)
			}
		})
	}
}

func TestForegroundUpShowsOnlyWhatIsNew(t *testing.T) {
	t.Parallel()
	p := newProject(t, `services: {job: {image: "busybox:1", command: [sh, -c, "echo a line; sleep 1"]}}`)

	for range 2 {
		if r := p.ok("up"); strings.Count(r.stdout, "a line") != 1 || !strings.Contains(r.stdout, "exited with code 0") {
			t.Error(r)
		}
	}

	if out := p.ok("logs").stdout; strings.Count(out, "a line") != 2 {
		t.Errorf("logs has\n%s", out)
	}
}

func TestServicesGoOnTalkingWhileTheyStop(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  slow: {image: "busybox:1", command: [sh, -c, "trap 'sleep 1; echo last words; exit 0' TERM; echo ready; while :; do sleep 0.1; done"]}
`)

	r := p.start("up")
	r.prints("ready")
	r.signal(os.Interrupt)

	got := r.wait(30 * time.Second)
	if got.code != 130 || !strings.Contains(got.stdout, "last words") || !strings.Contains(got.stdout, "exited with code 0") {
		t.Error(got)
	}
}
