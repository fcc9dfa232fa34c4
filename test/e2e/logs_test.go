//go:build incus

package e2e

import (
	"os"
	"slices"
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

func TestLogsAreInTheOrderOfTime(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  # The one whose turn it is prints the number in the file, and gives the next one to the other.
  odd:
    image: busybox:1
    command: [sh, -c, "for i in 1 3 5 7 9; do until test -e /turn/$$i; do sleep 0.05; done; echo $$i; sleep 0.3; touch /turn/$$((i+1)); done"]
    volumes: ["turn:/turn"]
  even:
    image: busybox:1
    command: [sh, -c, "touch /turn/1; for i in 2 4 6 8; do until test -e /turn/$$i; do sleep 0.05; done; echo $$i >&2; sleep 0.3; touch /turn/$$((i+1)); done"]
    volumes: ["turn:/turn"]
volumes: {turn: {}}
`)
	p.ok("up", "-d")
	p.untilState("odd", "exited")
	p.untilState("even", "exited")

	stamps := ""
	for _, flag := range []string{"--timestamps", "-t"} {
		stamps = p.ok("logs", flag, "--no-log-prefix", "odd").stdout
		for line := range strings.Lines(stamps) {
			if !stamped(line) {
				t.Errorf("%s: %q has no time", flag, line)
			}
		}
	}

	// Both outputs in one, as a terminal shows them.
	out, err := p.command("logs", "-t", "--no-log-prefix").CombinedOutput()
	lines := slices.DeleteFunc(strings.Split(strings.TrimSpace(string(out)), "\n"), func(line string) bool { return !stamped(line) })

	if err != nil || len(lines) != 9 || !slices.IsSorted(lines) || slices.IsSortedFunc(lines, oddFirst) {
		t.Errorf("logs prints\n%s%v", out, err)
	}

	third, _, _ := strings.Cut(strings.Split(stamps, "\n")[2], " ")
	for _, c := range []struct {
		name, want string
		args       []string
	}{
		{"since the third line", "5\n7\n9\n", []string{"--since", third}},
		{"since long ago", "1\n3\n5\n7\n9\n", []string{"--since", "1h"}},
		{"until long ago", "", []string{"--until", "1h"}},
		{"of one instance", "1\n3\n5\n7\n9\n", []string{"--index", "1"}},
		{"the last since then", "9\n", []string{"--since", third, "--tail", "1"}},
	} {
		if got := p.ok(append([]string{"logs", "--no-log-prefix", "odd"}, c.args...)...).stdout; got != c.want {
			t.Errorf("%s:\n%s", c.name, got)
		}
	}

	p.fails(2, []string{"logs", "--since", "yesterday"}, "yesterday", "hint: ")
	p.fails(1, []string{"logs", "--index", "2", "odd"}, "no instance 2", "hint: ")
}

// stamped says whether a line begins with a time: what icc says itself does not.
func stamped(line string) bool {
	stamp, _, _ := strings.Cut(line, " ")
	_, err := time.Parse(time.RFC3339Nano, stamp)

	return err == nil
}

// oddFirst orders lines by whether they end with an odd digit: lines in that order are not in the order of time.
func oddFirst(a, b string) int { return int(b[len(b)-1]%2) - int(a[len(a)-1]%2) }
