//go:build incus

package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// suite ends when the test wants it to, and not before all of it runs.
const suite = `
services:
  db: {image: "busybox:1", command: [sh, -c, "echo db up; exec sleep infinity"]}
  quick: {image: "busybox:1", volumes: ["./ends:/ends:ro"], command: [sh, -c, "echo quick; until [ -e /ends/quick ]; do sleep 0.1; done"]}
  test: {image: "busybox:1", volumes: ["./ends:/ends:ro"], command: [sh, -c, "echo testing; until [ -e /ends/test ]; do sleep 0.1; done; exit 42"]}
  quiet: {image: "busybox:1", command: [sh, -c, "echo never shown; exec sleep infinity"], attach: false}
`

// upAndTalking runs an up of the suite in the foreground, and returns when all services have said their word.
func (p *project) upAndTalking(flags ...string) *running {
	p.t.Helper()
	p.write("ends/here", "")

	r := p.start(append([]string{"up"}, flags...)...)
	p.until(60*time.Second, "all services run and talk", func() (string, bool) {
		rows, said := p.ps(), p.icc("logs", "--no-log-prefix").stdout
		talking := len(rows) == 4 && strings.Contains(r.stderr.String(), "Attaching to ")

		for _, word := range []string{"db up", "quick", "testing", "never shown"} {
			talking = talking && strings.Contains(said, word+"\n")
		}

		return fmt.Sprintf("%+v\n%s\n%s\n%s", rows, said, &r.stdout, &r.stderr), talking || r.hasEnded()
	})

	return r
}

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
			up := p.upAndTalking(append([]string{"-t", "60"}, c.flags...)...)

			p.write("ends/quick", "")
			up.prints(p.instance("quick", 1) + " exited with code 0\n")

			if c.code == 42 {
				p.write("ends/test", "")
			}

			if r := up.wait(60 * time.Second); r.code != c.code || !strings.Contains(r.stdout, "Aborting on container exit") {
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
			up := p.upAndTalking(append([]string{"-t", "0", "--abort-on-container-failure"}, c.flags...)...)

			up.prints(c.shown)
			p.write("ends/test", "")

			if r := up.wait(60 * time.Second); r.code != 42 || strings.Contains(r.stdout, c.lack) {
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
  slow: {image: "busybox:1", stop_grace_period: 1m, command: [sh, -c, "trap 'sleep 1; echo last words; exit 0' TERM; echo ready; while :; do sleep 0.1; done"]}
`)

	r := p.start("up")
	r.prints("ready")
	r.signal(os.Interrupt)

	got := r.wait(60 * time.Second)
	if got.code != 130 || !strings.Contains(got.stdout, "last words") || !strings.Contains(got.stdout, "exited with code 0") {
		t.Error(got)
	}
}
