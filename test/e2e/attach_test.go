//go:build incus

package e2e

import (
	"syscall"
	"testing"
	"time"
)

const reader = `
services:
  reader:
    image: busybox:1
    stdin_open: true
    command: [sh, -c, "trap 'echo told to stop; exit 6' TERM; echo begun; while read line; do echo got $$line; done; echo end; exit 3"]
`

func TestAttach(t *testing.T) {
	t.Parallel()

	t.Run("passes input, output and the exit code of the process on", func(t *testing.T) {
		t.Parallel()
		p := newProject(t, reader)
		p.ok("up", "-d")

		r := p.piped("one\ntwo\n", "attach", "reader")
		if r.code != 3 || r.stdout != "got one\ngot two\nend\n" {
			t.Error(r)
		}
	})
	t.Run("passes signals on", func(t *testing.T) {
		t.Parallel()
		p := newProject(t, reader)
		p.ok("up", "-d")

		r := p.start("attach", "--no-stdin", "reader")
		time.Sleep(2 * time.Second)
		r.signal(syscall.SIGTERM)

		if got := r.wait(20 * time.Second); got.code != 6 || got.stdout != "told to stop\n" {
			t.Error(got)
		}
	})
	t.Run("keeps signals to itself when asked to", func(t *testing.T) {
		t.Parallel()
		p := newProject(t, reader)
		p.ok("up", "-d")

		r := p.start("attach", "--no-stdin", "--sig-proxy=false", "reader")
		time.Sleep(2 * time.Second)
		r.signal(syscall.SIGTERM)

		if got := r.wait(20 * time.Second); got.code != 130 || got.stdout != "" {
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
	term.types("echo hel\"\"lo; stty size\r")
	term.shows("hello")
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
