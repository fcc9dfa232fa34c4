//go:build incus

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestTop(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  a: {image: "busybox:1", command: [sh, -c, "sleep 1111 & sleep 2222"], user: "33"}
  b: {image: "busybox:1", command: [sleep, "3333"]}
  done: {image: "busybox:1", command: ["true"]}
`)
	p.ok("up", "-d")
	p.untilState("done", "exited")

	var out string

	// The commands are started a moment after the services.
	p.until(20*time.Second, "top shows all", func() (string, bool) {
		out = p.ok("top").stdout
		for _, want := range []string{p.instance("a", 1) + "\n", "PID", "CMD", "sleep 1111", "sleep 2222", p.instance("b", 1) + "\n", "sleep 3333"} {
			if !strings.Contains(out, want) {
				return fmt.Sprintf("there is no %q in\n%s", want, out), false
			}
		}

		return out, true
	})

	if strings.Contains(out, p.instance("done", 1)) {
		t.Errorf("what has ended has no processes:\n%s", out)
	}

	type row struct {
		Name, Service string
		Processes     []map[string]string
	}

	rows := parseRows[row](p, p.ok("top", "--format", "json", "b").stdout)
	if len(rows) != 1 || rows[0].Name != p.instance("b", 1) || len(rows[0].Processes) == 0 {
		t.Fatalf("top b is %+v", rows)
	}

	if !strings.Contains(rows[0].Processes[len(rows[0].Processes)-1]["CMD"], "sleep 3333") {
		t.Errorf("top b is %+v", rows)
	}

	p.fails(1, []string{"top", "c"}, `"c"`, "hint: ")
}
