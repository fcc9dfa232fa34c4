//go:build incus

package e2e

import (
	"os"
	"strings"
	"testing"
	"time"
)

// talkers print three lines each, and more when /more is there.
const talkers = `
services:
  a:
    image: busybox:1
    command: [sh, -c, "echo a one; echo a two; echo a three; while :; do test -e /more && echo a more && rm /more; sleep 0.1; done"]
  b:
    image: busybox:1
    command: [sh, -c, "echo b one; echo b two; echo b three; sleep infinity"]
`

func TestLogs(t *testing.T) {
	t.Parallel()
	p := newProject(t, talkers)
	p.ok("up", "-d")
	eventually(t, 10*time.Second, func() string {
		if out := p.ok("logs").stdout; !strings.Contains(out, "a three") || !strings.Contains(out, "b three") {
			return "the logs are\n" + out
		}

		return ""
	})

	t.Run("have the instance's name before each line", func(t *testing.T) {
		out := p.ok("logs").stdout
		for _, want := range []string{p.instance("a", 1) + " | a one\n", p.instance("b", 1) + " | b two\n"} {
			if !strings.Contains(out, want) {
				t.Errorf("there is no %q in\n%s", want, out)
			}
		}
	})
	t.Run("are those of the named services", func(t *testing.T) {
		if out := p.ok("logs", "--no-log-prefix", "a").stdout; out != "a one\na two\na three\n" {
			t.Errorf("logs a prints\n%s", out)
		}
	})
	t.Run("begin at the tail", func(t *testing.T) {
		if out := p.ok("logs", "--no-log-prefix", "--tail", "1", "b").stdout; out != "b three\n" {
			t.Errorf("logs --tail 1 b prints\n%s", out)
		}

		if out := p.ok("logs", "-n", "0", "b").stdout; out != "" {
			t.Errorf("logs -n 0 b prints\n%s", out)
		}

		p.fails(2, []string{"logs", "--tail", "some"}, "some", "hint: ")
	})
	t.Run("of a stopped instance are there, too", func(t *testing.T) {
		p.ok("stop", "-t", "0", "b")

		if out := p.ok("logs", "--no-log-prefix", "b").stdout; !strings.Contains(out, "b three") {
			t.Errorf("logs b prints\n%s", out)
		}
	})
	t.Run("refuse unknown services", func(t *testing.T) {
		p.fails(1, []string{"logs", "c"}, `"c"`, "hint: ")
	})
}

func TestLogsFollow(t *testing.T) {
	t.Parallel()
	p := newProject(t, talkers)
	p.ok("up", "-d")

	r := p.start("logs", "-f", "--no-log-prefix", "a")
	r.prints("a three")
	p.inside("a", "touch /more")
	r.prints("a more")

	if out := r.stdout.String(); strings.Count(out, "a one") != 1 {
		t.Errorf("lines are repeated:\n%s", out)
	}

	r.signal(os.Interrupt)

	if got := r.wait(10 * time.Second); got.code != 130 {
		t.Errorf("Ctrl-C: %s", got)
	}

	p.wantInstances(p.instance("a", 1)+" running", p.instance("b", 1)+" running")
}

func TestLogsFollowEndsWithTheInstance(t *testing.T) {
	t.Parallel()
	p := newProject(t, talkers)
	p.ok("up", "-d")

	r := p.start("logs", "-f", "b")
	r.prints("b three")
	p.ok("stop", "-t", "0", "b")

	if got := r.wait(15 * time.Second); got.code != 0 {
		t.Error(got)
	}
}
