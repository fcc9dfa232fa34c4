//go:build incus

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// waited has a service that ends when the test lets it, and one that ends by itself.
const waited = `
services:
  good: {image: "busybox:1", command: [sh, -c, "until test -e /here/go; do sleep 0.1; done"], volumes: ["./here:/here"]}
  bad: {image: "busybox:1", command: [sh, -c, "sleep 2; exit 5"]}
  web: {image: "busybox:1", command: [sleep, infinity]}
`

func TestWait(t *testing.T) {
	t.Parallel()
	p := newProject(t, waited)
	p.write("here/go", "")
	p.ok("up", "-d")

	r := p.icc("wait", "good", "bad")
	for service, code := range map[string]int{"good": 0, "bad": 5} {
		if want := fmt.Sprintf("%q exited with status code %d\n", p.instance(service, 1), code); !strings.Contains(r.stdout, want) {
			t.Errorf("there is no %s in %s", want, r)
		}
	}

	if r.code != 5 {
		t.Error(r)
	}

	if r := p.icc("wait", "bad"); r.code != 5 {
		t.Errorf("waiting for what has ended: %s", r)
	}

	for range 3 { // the server takes a moment to see an end, in which nothing would be started
		p.write("here/go", "")
		p.ok("start", "good")
		p.ok("wait", "good")
		p.remove("here/go")
		if r := p.ok("start", "good"); strings.Contains(r.stderr, "Nothing to do") {
			t.Errorf("what has been waited for is not started again: %s", r)
		}
		p.ok("kill", "good")
		if r := p.icc("wait", "good"); r.code != 137 {
			t.Errorf("waiting for what was killed: %s", r)
		}
	}

	p.fails(2, []string{"wait"}, "needs a service", "hint: ")
	p.fails(1, []string{"wait", "nobody"}, `"nobody"`, "hint: ")

	w := p.start("wait", "web")
	time.Sleep(time.Second) // it waits already, most of the time: what has ended is told all the same
	p.ok("kill", "web")

	if got := w.wait(20 * time.Second); got.code != 137 {
		t.Error(got)
	}
}

func TestWaitBringsTheProjectDown(t *testing.T) {
	t.Parallel()
	p := newProject(t, waited)
	p.write("here/go", "")
	p.ok("up", "-d")

	if r := p.icc("wait", "--down-project", "good", "web"); r.code != 0 {
		t.Error(r)
	}

	p.wantInstances()
}
