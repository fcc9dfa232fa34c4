//go:build incus

package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// running is an icc that runs beside the test.
type running struct {
	p              *project
	command        *exec.Cmd
	stdout, stderr buffer
	ended          chan struct{}
	args           []string
}

// buffer is written by a process and read by the test.
type buffer struct {
	mu   sync.Mutex
	data bytes.Buffer
}

func (b *buffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()

	return b.data.Write(data)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()

	return b.data.String()
}

// start runs icc in the background; it is killed when the test ends before it.
func (p *project) start(args ...string) *running {
	p.t.Helper()

	r := &running{p: p, command: p.command(args...), ended: make(chan struct{}), args: args}
	r.command.Stdout, r.command.Stderr = &r.stdout, &r.stderr

	p.must(r.command.Start())

	go func() {
		defer close(r.ended)
		_ = r.command.Wait() // the exit code says it
	}()

	p.t.Cleanup(func() {
		select {
		case <-r.ended:
		default:
			_ = r.command.Process.Kill()
			<-r.ended
		}
	})

	return r
}

func (r *running) signal(s os.Signal) {
	r.p.t.Helper()
	r.p.must(r.command.Process.Signal(s))
}

// wait waits for the end, busy times the limit at most, and returns what it left.
func (r *running) wait(limit time.Duration) result {
	r.p.t.Helper()

	begin := time.Now()

	select {
	case <-r.ended:
	case <-time.After(busy * limit):
		_ = r.command.Process.Kill()
		r.p.t.Fatalf("icc %s did not end within %s\nstdout:\n%s\nstderr:\n%s", strings.Join(r.args, " "), busy*limit, &r.stdout, &r.stderr)
	}

	return result{
		args: r.args, stdout: r.stdout.String(), stderr: r.stderr.String(),
		code: r.command.ProcessState.ExitCode(), elapsed: time.Since(begin),
	}
}

func (r *running) hasEnded() bool {
	select {
	case <-r.ended:
		return true
	default:
		return false
	}
}

// prints waits until standard output has a text.
func (r *running) prints(text string) {
	r.p.t.Helper()
	waitForText(r.p.t, &r.stdout, text, r)
}

// says waits until standard error has a text.
func (r *running) says(text string) {
	r.p.t.Helper()
	waitForText(r.p.t, &r.stderr, text, r)
}

func waitForText(t *testing.T, b *buffer, text string, r *running) {
	t.Helper()

	for deadline := time.Now().Add(busy * 30 * time.Second); !strings.Contains(b.String(), text); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("icc %s does not print %q\nstdout:\n%s\nstderr:\n%s", strings.Join(r.args, " "), text, &r.stdout, &r.stderr)
		}
	}
}
