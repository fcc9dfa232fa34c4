//go:build incus

package e2e

import (
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/creack/pty"
)

// terminal is an icc on a pseudo terminal: what a person at a keyboard has.
type terminal struct {
	p       *project
	command *exec.Cmd
	keys    *os.File
	screen  buffer
	ended   chan struct{}
}

// terminal runs icc on a terminal of the given size.
func (p *project) terminal(rows, columns uint16, args ...string) *terminal {
	p.t.Helper()

	t := &terminal{p: p, command: p.command(args...), ended: make(chan struct{})}
	t.command.Env = append(t.command.Env, "TERM=xterm")

	keys, err := pty.StartWithSize(t.command, &pty.Winsize{Rows: rows, Cols: columns})
	p.must(err)

	t.keys = keys

	go func() {
		defer close(t.ended)

		data := make([]byte, 4096)

		for {
			n, err := keys.Read(data)
			_, _ = t.screen.Write(data[:n])

			if err != nil { // the other side is closed
				break
			}
		}

		_ = t.command.Wait() // the exit code says it
	}()

	p.t.Cleanup(func() {
		_ = t.command.Process.Kill()
		<-t.ended
		_ = keys.Close()
	})

	return t
}

// types presses keys.
func (t *terminal) types(keys string) {
	t.p.t.Helper()

	_, err := t.keys.WriteString(keys)
	t.p.must(err)
}

func (t *terminal) resize(rows, columns uint16) {
	t.p.t.Helper()
	t.p.must(pty.Setsize(t.keys, &pty.Winsize{Rows: rows, Cols: columns}))
}

// shows waits until the screen has a text.
func (t *terminal) shows(text string) {
	t.p.t.Helper()

	for deadline := time.Now().Add(busy * 30 * time.Second); !strings.Contains(t.screen.String(), text); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.p.t.Fatalf("the terminal does not show %q:\n%s", text, &t.screen)
		}
	}
}

// wait waits for the end, busy times the limit at most, and returns the exit code.
func (t *terminal) wait(limit time.Duration) int {
	t.p.t.Helper()

	select {
	case <-t.ended:
	case <-time.After(busy * limit):
		t.p.t.Fatalf("icc on a terminal did not end within %s:\n%s", busy*limit, &t.screen)
	}

	return t.command.ProcessState.ExitCode()
}
