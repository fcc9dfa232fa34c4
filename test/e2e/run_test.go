//go:build incus

package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

const runner = `
services:
  web:
    image: debian:13-slim
    command: [sleep, infinity]
    working_dir: /srv
    environment: {OF_SERVICE: "a value"}
    restart: always
    volumes: ["data:/data"]
  db:
    image: debian:13-slim
    command: [sleep, infinity]
volumes: {data: {}}
`

func TestRun(t *testing.T) {
	t.Parallel()
	p := newProject(t, runner)

	t.Run("passes the command's output and exit code on", func(t *testing.T) {
		for script, want := range map[string]int{"exit 0": 0, "exit 1": 1, "exit 42": 42, "kill -9 $$": 137} {
			r := p.icc("run", "--rm", "-T", "web", "sh", "-c", "echo out; echo err >&2; pwd; echo $OF_SERVICE; "+script)
			if r.code != want || r.stdout != "out\n/srv\na value\n" || !strings.Contains(r.stderr, "err\n") {
				t.Errorf("%q: want exit code %d: %s", script, want, r)
			}
		}
	})
	t.Run("says that a command does not exist", func(t *testing.T) {
		r := p.icc("run", "--rm", "-T", "web", "no-such-command")
		if r.code != 127 || !strings.Contains(r.stderr, "no-such-command") {
			t.Errorf("want exit code 127: %s", r)
		}
	})
	t.Run("passes standard input on, with its end", func(t *testing.T) {
		text := strings.Repeat("0123456789abcdef\n", 100_000)
		if r := p.piped(text, "run", "--rm", "-T", "web", "cat"); r.stdout != text {
			t.Errorf("%d bytes went in, %d came out: exit code %d, %s", len(text), len(r.stdout), r.code, r.stderr)
		}
	})
	t.Run("takes flags for the command alone", func(t *testing.T) {
		p.write("here/file", "of the folder\n")
		r := p.ok("run", "--rm", "-T", "-e", "NEW=two\nlines", "-u", "www-data", "-w", "/tmp", "-v", filepath.Join(p.dir, "here")+":/here", "--entrypoint", "sh -c",
			"web", "echo $NEW; id -u; pwd; cat /here/file")
		if r.stdout != "two lines\n33\n/tmp\nof the folder\n" {
			t.Error(r)
		}
	})
	t.Run("shares the service's volumes", func(t *testing.T) {
		p.ok("run", "--rm", "-T", "web", "touch", "/data/was-here")
		p.ok("run", "--rm", "-T", "web", "test", "-e", "/data/was-here")
	})
	t.Run("leaves nothing with --rm, and brings nothing else up", func(t *testing.T) { p.wantInstances() })
	t.Run("removes the instance after a signal, too", func(t *testing.T) {
		r := p.start("run", "--rm", "-T", "web", "sh", "-c", "trap 'echo got it; exit 7' TERM; echo ready; while :; do sleep 0.1; done")
		r.prints("ready")
		r.signal(syscall.SIGTERM)
		r.prints("got it")

		if got := r.wait(30 * time.Second); got.code != 7 {
			t.Error(got)
		}

		p.wantInstances()
	})
}

func TestRunLeavesAnInstanceThatDownRemoves(t *testing.T) {
	t.Parallel()
	p := newProject(t, runner)
	p.ok("up", "-d", "db")
	p.ok("run", "-T", "web", "true")

	name := strings.TrimSpace(p.ok("run", "-d", "web", "sh", "-c", "echo in the background; sleep 600").stdout)
	if !regexp.MustCompile(`^` + p.name + `-web-run-[0-9a-f]+$`).MatchString(name) {
		t.Fatalf("run -d prints %q", name)
	}

	if out := p.ok("ps", "-q").stdout; out != p.instance("db", 1)+"\n" {
		t.Errorf("ps shows\n%s", out)
	}

	if out := p.ok("ps", "-aq").stdout; strings.Count(out, "-web-run-") != 2 || !strings.Contains(out, name+"\n") {
		t.Errorf("ps -a shows\n%s", out)
	}

	eventually(t, 10*time.Second, func() string {
		if out := p.ok("logs", "--no-log-prefix", name).stdout; out != "in the background\n" {
			return "logs of " + name + ": " + out
		}

		return ""
	})

	if r := p.ok("up", "-d"); strings.Contains(r.stderr, "web-run") {
		t.Errorf("up has something to say about instances of run: %s", r)
	}

	if r := p.ok("down"); strings.Contains(r.stderr, "no services for") {
		t.Errorf("down calls them orphans: %s", r)
	}

	p.wantInstances()
}

func TestRunBringsUpWhatTheServiceNeedsFirst(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  migrate: {image: "busybox:1", command: [sh, -c, "sleep 1; touch /data/migrated"], volumes: ["data:/data"]}
  db:
    image: busybox:1
    command: [sh, -c, "sleep 2; touch /ready; sleep infinity"]
    healthcheck: {test: [CMD, test, -e, /ready], interval: 500ms, start_period: 5m}
  web:
    image: busybox:1
    volumes: ["data:/data"]
    depends_on: {db: {condition: service_healthy}, migrate: {condition: service_completed_successfully}}
volumes: {data: {}}
`)

	r := p.ok("run", "--rm", "-T", "web", "sh", "-c", "ls /data; until nslookup db >/dev/null; do sleep 0.1; done; echo found db")
	if r.stdout != "migrated\nfound db\n" {
		t.Error(r)
	}

	if row := p.ps("db")[0]; row.State != "running" || row.Health != "healthy" {
		t.Errorf("db: %+v", row)
	}

	p.ok("down")
	p.ok("run", "--rm", "-T", "--no-deps", "web", "true")
	p.wantInstances()
}

func TestRunOnATerminal(t *testing.T) {
	t.Parallel()
	p := newProject(t, runner)

	t.Run("has a terminal of the same size", func(t *testing.T) {
		term := p.terminal(31, 97, "run", "--rm", "web", "bash", "--norc")
		term.shows("bash-")
		term.types("test -t 0 && test -t 1 && stty size; echo on a ter\"\"minal\r")
		term.shows("31 97")
		term.shows("on a terminal")
		term.types("exit 5\r")

		if code := term.wait(30 * time.Second); code != 5 {
			t.Errorf("the exit code is %d", code)
		}
	})
	t.Run("gives Ctrl-C to the command", func(t *testing.T) {
		term := p.terminal(24, 80, "run", "--rm", "web", "sh", "-c", "trap 'echo interr\"\"upted; exit 9' INT; echo rea\"\"dy; while :; do sleep 0.1; done")
		term.shows("ready")
		term.types("\x03")
		term.shows("interrupted")

		if code := term.wait(30 * time.Second); code != 9 {
			t.Errorf("the exit code is %d", code)
		}
	})
	t.Run("leaves the command running after the detach keys", func(t *testing.T) {
		term := p.terminal(24, 80, "run", "web", "sh", "-c", "echo rea\"\"dy; sleep 600")
		term.shows("ready")
		term.types("\x10\x11")

		if code := term.wait(30 * time.Second); code != 0 {
			t.Errorf("the exit code is %d", code)
		}

		if rows := p.ps(); len(rows) != 1 || rows[0].State != "running" {
			t.Errorf("instances: %+v", rows)
		}
	})
}

func TestMistakesOfRun(t *testing.T) {
	t.Parallel()
	p := newProject(t, runner)

	p.fails(2, []string{"run"}, "needs a service", "hint: ")
	p.fails(1, []string{"run", "wep", "true"}, `"wep"`, "did you mean", "web")
	p.fails(1, []string{"run", "-p", "x:y:z", "web", "true"}, "x:y:z", "hint: ")
	p.wantInstances()

	r := p.start("run", "--rm", "-T", "web", "sh", "-c", "echo ready; exec sleep 600")
	r.prints("ready")
	r.signal(os.Interrupt)

	if got := r.wait(30 * time.Second); got.code == 0 {
		t.Error(got)
	}

	p.wantInstances()
}
