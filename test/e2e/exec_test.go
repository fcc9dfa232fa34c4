//go:build incus

package e2e

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestExec(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  web:
    image: debian:13-slim
    command: [sleep, infinity]
    environment: {OF_SERVICE: "a value"}
    working_dir: /srv
`)
	p.ok("up", "-d")

	t.Run("passes the command's exit code on", func(t *testing.T) {
		for script, want := range map[string]int{"exit 0": 0, "exit 1": 1, "exit 42": 42, "exit 255": 255} {
			if r := p.icc("exec", "-T", "web", "sh", "-c", script); r.code != want || r.stderr != "" {
				t.Errorf("want exit code %d: %s", want, r)
			}
		}

		for command, want := range map[string]int{"no-such-command": 127, "/etc/passwd": 126} {
			if r := p.icc("exec", "-T", "web", command); r.code != want || !strings.Contains(r.stderr, command) {
				t.Errorf("want exit code %d and a word about it: %s", want, r)
			}
		}
	})
	t.Run("starts a command and leaves it alone", func(t *testing.T) {
		// It never ends, so that nobody can have waited for its end.
		p.ok("exec", "-d", "web", "sh", "-c", "echo $$ > /tmp/detached; exec sleep infinity")
		eventually(t, patience, func() string {
			if p.inside("web", "kill -0 $(cat /tmp/detached) && echo alive || true") != "alive" {
				return "the command does not run"
			}

			return ""
		})
		if r := p.icc("exec", "--detach", "web", "nosuchcommand"); r.code != 127 || !strings.Contains(r.stderr, "not found") {
			t.Error(r)
		}

		if r := p.icc("exec", "--detach", "-u", "nosuchuser", "web", "true"); r.code != 126 || !strings.Contains(r.stderr, "nosuchuser") {
			t.Error(r)
		}
	})
	t.Run("runs nothing when it is dry", func(t *testing.T) {
		if r := p.ok("--dry-run", "exec", "web", "touch", "/tmp/dry"); r.stdout != "exec "+p.instance("web", 1)+": touch /tmp/dry\n" {
			t.Error(r)
		}

		if out := p.inside("web", "ls /tmp"); strings.Contains(out, "dry") {
			t.Errorf("the command has run:\n%s", out)
		}
	})
	t.Run("keeps the two outputs apart", func(t *testing.T) {
		r := p.ok("exec", "-T", "web", "sh", "-c", "echo out; echo err >&2")
		if r.stdout != "out\n" || r.stderr != "err\n" {
			t.Error(r)
		}
	})
	t.Run("passes standard input on, with its end", func(t *testing.T) {
		text := strings.Repeat("0123456789abcdef\n", 100_000)
		if r := p.piped(text, "exec", "-T", "web", "cat"); r.stdout != text {
			t.Errorf("%d bytes went in, %d came out, exit code %d", len(text), len(r.stdout), r.code)
		}
	})
	t.Run("sets variables", func(t *testing.T) {
		command := p.command("exec", "-T", "-e", "NEW=two words", "-e", "HANDED_ON", "web", "sh", "-c", "echo $OF_SERVICE,$NEW,$HANDED_ON")
		command.Env = append(command.Env, "HANDED_ON=from here")

		if r := p.run(command, "", nil); r.stdout != "a value,two words,from here\n" {
			t.Error(r)
		}

		if r := p.ok("exec", "-T", "-e", "LINES=one\n\"two\"\n'three'\n", "web", "sh", "-c", `printf %s "$LINES"`); r.stdout != "one\n\"two\"\n'three'\n" {
			t.Errorf("a value of several lines: %s", r)
		}
	})
	t.Run("runs as a user, by number and by name", func(t *testing.T) {
		for user, want := range map[string]string{"33": "33:33", "www-data": "33:33", "33:0": "33:0", "1234": "1234:0", "": "0:0"} {
			if got := p.ok("exec", "-T", "-u", user, "web", "sh", "-c", "echo $(id -u):$(id -g)").stdout; got != want+"\n" {
				t.Errorf("-u %q runs as %q, want %q", user, got, want)
			}
		}

		if r := p.icc("exec", "-T", "-u", "nobody-knows", "web", "id"); r.code != 126 || !strings.Contains(r.stderr, "nobody-knows") {
			t.Errorf("want docker's exit code 126: %s", r)
		}
	})
	t.Run("runs in a folder", func(t *testing.T) {
		if got := p.ok("exec", "-T", "web", "pwd").stdout; got != "/srv\n" {
			t.Errorf("without -w the folder is %q", got)
		}

		if got := p.ok("exec", "-T", "-w", "/tmp", "web", "pwd").stdout; got != "/tmp\n" {
			t.Errorf("with -w the folder is %q", got)
		}
	})
	t.Run("leaves the command's flags alone", func(t *testing.T) {
		if got := p.ok("exec", "-T", "web", "echo", "-e", "-w", "x").stdout; got != "-w x\n" {
			t.Errorf("the command got other flags: it printed %q", got)
		}
	})
	t.Run("passes signals on", func(t *testing.T) {
		r := p.start("exec", "-T", "web", "sh", "-c", "trap 'echo got it; exit 7' TERM; echo ready; while :; do sleep 0.1; done")
		r.prints("ready")
		r.signal(syscall.SIGTERM)
		r.prints("got it")

		if got := r.wait(30 * time.Second); got.code != 7 {
			t.Error(got)
		}
	})
	t.Run("needs a service, a command and a running instance", func(t *testing.T) {
		p.fails(2, []string{"exec", "web"}, "needs a service and a command", "hint: ")
		p.fails(1, []string{"exec", "nobody", "true"}, `"nobody"`, "hint: ")
		p.fails(1, []string{"exec", "--index", "9", "web", "true"}, "9", "hint: ")
		p.ok("stop", "-t", "0", "web")
		p.fails(1, []string{"exec", "web", "true"}, "not running", "hint: ", "icc start web")
	})
}

func TestExecOnATerminal(t *testing.T) {
	t.Parallel()
	p := newProject(t, `services: {web: {image: "debian:13-slim", command: [sleep, infinity]}}`)
	p.ok("up", "-d")

	t.Run("has a terminal of the same size, also when it changes", func(t *testing.T) {
		term := p.terminal(31, 97, "exec", "web", "bash", "--norc")
		term.types("test -t 0 && test -t 1 && echo on a ter\"\"minal of $TERM\r")
		term.shows("on a terminal of xterm")
		term.types("stty size\r")
		term.shows("31 97")
		term.resize(44, 111)
		eventually(t, 30*time.Second, func() string {
			term.types("stty size\r")
			time.Sleep(200 * time.Millisecond)

			if !strings.Contains(term.screen.String(), "44 111") {
				return "the new size did not arrive"
			}

			return ""
		})
		term.types("exit 5\r")

		if code := term.wait(30 * time.Second); code != 5 {
			t.Errorf("the exit code is %d", code)
		}
	})
	t.Run("gives Ctrl-C to the command", func(t *testing.T) {
		term := p.terminal(24, 80, "exec", "web", "sh", "-c", "trap 'echo interr\"\"upted; exit 9' INT; echo rea\"\"dy; while :; do sleep 0.1; done")
		term.shows("ready")
		term.types("\x03")
		term.shows("interrupted")

		if code := term.wait(30 * time.Second); code != 9 {
			t.Errorf("the exit code is %d", code)
		}
	})
	t.Run("has none with -T", func(t *testing.T) {
		term := p.terminal(24, 80, "exec", "-T", "web", "sh", "-c", "test -t 1 || echo no ter\"\"minal")
		term.shows("no terminal")

		if code := term.wait(30 * time.Second); code != 0 {
			t.Errorf("the exit code is %d", code)
		}
	})
}
