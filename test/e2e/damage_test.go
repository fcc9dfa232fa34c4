//go:build incus

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestAnEmptiedVolumeOfARunningProject(t *testing.T) {
	t.Parallel()
	p := newProject(t, `services: {web: {image: "busybox:1", stop_grace_period: 1h, command: [sh, -c, "echo run; trap 'exit 0' TERM; while :; do sleep 0.1; done"]}}`)
	p.ok("up", "-d")
	p.untilState("web", "running")
	p.logged("web", "run")

	for _, when := range []string{"while it runs", "while it is stopped"} {
		volume := p.runtimeVolume()

		entries, err := os.ReadDir(volume)
		p.must(err)

		for _, entry := range entries {
			p.must(os.RemoveAll(filepath.Join(volume, entry.Name())))
		}

		if when == "while it runs" {
			if got := p.inside("web", "echo still here"); got != "still here" || p.ps("web")[0].State != "running" {
				t.Errorf("%s: exec prints %q, %+v", when, got, p.ps("web"))
			}

			p.fails(1, []string{"kill", "-s", "HUP", "web"}, "its directory was emptied", "restart")

			p.ok("stop", "web") // one that is not heard would hang
		}

		p.untilState("web", "exited")

		if r := p.ok("up", "-d"); !strings.Contains(r.stderr, "was missing and has been made again") {
			t.Errorf("%s: %s", when, r)
		}

		p.untilState("web", "running")
		p.logged("web", "run")
		p.ok("kill", "-s", "HUP", "web")
		p.untilState("web", "exited")
		p.ok("start")
		p.ok("stop")
	}
}

func TestASpecThatWasDamagedIsWrittenAnew(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)
	p.ok("up", "-d")

	for _, damage := range []string{"{not json", `{"version":7,"argv":["true"]}`, `{"version":1}`} {
		p.ok("stop", "-t", "0", "web")
		p.setKey("web", "user.icc.spec", damage)
		p.fails(1, []string{"start", "web"}, "web", "hint: ")

		p.until(30*time.Second, "ps says why, after "+damage, func() (string, bool) {
			row := p.ps("web")[0]

			return fmt.Sprintf("%+v", row), row.ExitCode == 125 && strings.HasSuffix(row.Status, "could not be started")
		})

		if out := p.looks(true, "plan"); !strings.Contains(out, "user.icc.spec was damaged") {
			t.Errorf("%s: the plan does not tell:\n%s", damage, out)
		}

		p.ok("up", "-d")
		p.untilState("web", "running")
	}

	p.ok("stop", "-t", "0", "web")
	p.setKey("web", "security.guestapi", "false")
	p.fails(1, []string{"up", "-d"}, "security.guestapi", "incus config set")
	p.setKey("web", "security.guestapi", "true")
	p.ok("up", "-d")
	p.untilState("web", "running")
}

func TestAnInstanceThatIsOnlyHalfMadeIsMadeAnew(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)
	p.ok("up", "--no-start")

	half := p.instance("web", 1)
	p.must(os.Remove(filepath.Join(p.runtimeVolume(), half))) // it is made when the creation is done

	if r := p.ok("up", "-d"); !strings.Contains(r.stderr, half+"  Created") {
		t.Errorf("what is left of an interrupted creation is started: %s", r)
	}

	p.untilState("web", "running")
}
