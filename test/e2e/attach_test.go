//go:build incus

package e2e

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// reader says which process it is, so that others can write to its output.
const reader = `
services:
  reader:
    image: busybox:1
    stdin_open: true
    command: [sh, -c, "trap 'echo told to stop; exit 6' TERM; echo $$$$ > /tmp/self; echo begun; while read line; do echo got $$line; done; echo end; exit 3"]
`

// attached waits until an attach to the reader shows what the reader prints now, and returns a function that takes that
// out again.
func attached(p *project, r *running) func(text string) string {
	p.t.Helper()
	p.until(30*time.Second, "attach shows what is printed", func() (string, bool) {
		p.inside("reader", "echo probe > /proc/$(cat /tmp/self)/fd/1")

		return r.stdout.String() + r.stderr.String(), strings.Contains(r.stdout.String(), "probe\n")
	})

	return func(text string) string { return strings.ReplaceAll(text, "probe\n", "") }
}

func TestAttach(t *testing.T) {
	t.Parallel()

	t.Run("passes input, output and the exit code of the process on", func(t *testing.T) {
		t.Parallel()
		p := newProject(t, reader)
		p.ok("up", "-d")
		p.logged("reader", "begun")

		r := p.piped("one\ntwo\n", "attach", "reader")
		if r.code != 3 || r.stdout != "got one\ngot two\nend\n" {
			t.Error(r)
		}
	})
	t.Run("passes signals on", func(t *testing.T) {
		t.Parallel()
		p := newProject(t, reader)
		p.ok("up", "-d")
		p.logged("reader", "begun")

		r := p.start("attach", "--no-stdin", "reader")
		real := attached(p, r)
		r.signal(syscall.SIGTERM)

		if got := r.wait(20 * time.Second); got.code != 6 || real(got.stdout) != "told to stop\n" {
			t.Error(got)
		}
	})
	t.Run("keeps signals to itself when asked to", func(t *testing.T) {
		t.Parallel()
		p := newProject(t, reader)
		p.ok("up", "-d")
		p.logged("reader", "begun")

		r := p.start("attach", "--no-stdin", "--sig-proxy=false", "reader")
		real := attached(p, r)
		r.signal(syscall.SIGTERM)

		if got := r.wait(20 * time.Second); got.code != 130 || real(got.stdout) != "" {
			t.Error(got)
		}

		p.wantInstances(p.instance("reader", 1) + " running")
	})
	t.Run("needs a running instance", func(t *testing.T) {
		t.Parallel()
		p := newProject(t, reader)
		p.fails(1, []string{"attach", "reader"}, `"reader"`, "hint: ")
		p.fails(1, []string{"attach", "nobody"}, `"nobody"`, "hint: ")
		p.fails(2, []string{"attach"}, "one service", "hint: ")
	})
}

func TestAttachOnATerminal(t *testing.T) {
	t.Parallel()
	p := newProject(t, `
services:
  shell: {image: "debian:13-slim", command: [bash, --norc], stdin_open: true, tty: true}
`)
	p.ok("up", "-d")

	term := p.terminal(33, 99, "attach", "shell")
	term.types("echo hel\"\"lo\r")
	term.shows("hello")
	term.types("stty size\r")
	term.shows("33 99")
	term.types("\x10\x11")

	if code := term.wait(20 * time.Second); code != 0 {
		t.Errorf("detaching exits with %d", code)
	}

	p.wantInstances(p.instance("shell", 1) + " running")

	term = p.terminal(24, 80, "attach", "--detach-keys", "ctrl-x,d", "shell")
	term.types("echo still h\"\"ere\r")
	term.shows("still here")
	term.types("\x18d")

	if code := term.wait(20 * time.Second); code != 0 {
		t.Errorf("other keys exit with %d", code)
	}

	term = p.terminal(24, 80, "attach", "shell")
	term.types("exit 4\r")

	if code := term.wait(20 * time.Second); code != 4 {
		t.Errorf("the exit code is %d", code)
	}
}
