//go:build incus

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	incus "github.com/lxc/incus/v6/client"

	"github.com/icc-project/icc/test/testbed"
)

// patience bounds one run of icc on an idle machine; a run that takes busy times as long hangs.
const patience = 90 * time.Second

// busy is how many times longer than on an idle machine tests wait for something: the bounds end a test that fails, and
// say nothing about how long anything may take.
const busy = 4

// ports counts the published ports that tests have taken: each has its own, so that they can run side by side.
var ports atomic.Int32

// freePort returns a port of the host that no other test uses.
func freePort() int { return freePorts(1) }

// freePorts returns the first of some ports in a row that no other test uses.
func freePorts(n int) int { return 20001 + int(ports.Add(int32(n))) - n }

// project is a Compose project in a folder of its own, and the one who works in it.
type project struct {
	t    *testing.T
	host testbed.Host
	dir  string
	name string
	// server is a connection for those who ask again and again.
	server incus.InstanceServer
	// env is added to the environment of icc.
	env []string
}

// newProject writes a compose file into a folder of its own. When the test ends, the project is brought down with all
// that belongs to it, and nothing of it may be left.
func newProject(t *testing.T, compose string) *project {
	t.Helper()

	return newProjectOn(t, testbed.Env(t), compose)
}

// newProjectOn is newProject on another server than that of most tests.
func newProjectOn(t *testing.T, host testbed.Host, compose string) *project {
	t.Helper()

	dir := host.ProjectDir(t)
	p := &project{t: t, host: host, dir: dir, name: filepath.Base(dir), server: host.Incus(t)}
	p.write("compose.yaml", compose)
	p.cleanUpAfterwards()

	return p
}

// another returns a second project of the same test, with a name of its own.
func (p *project) another(compose string) *project {
	p.t.Helper()

	other := newProject(p.t, compose)
	other.env = p.env

	return other
}

// named says that the project goes by another name than its folder.
func (p *project) named(name string) *project {
	p.t.Helper()
	p.name = name
	p.cleanUpAfterwards()

	return p
}

func (p *project) cleanUpAfterwards() {
	name := p.name

	p.t.Cleanup(func() {
		if p.t.Failed() && os.Getenv("ICC_TESTBED_KEEP") != "" {
			return
		}

		r := p.inFolder("/", "-p", name, "down", "--volumes", "--remove-orphans", "--rmi", "local")
		if r.code != 0 {
			p.t.Errorf("cleaning up: %s", r)
		}

		p.leavesNothingOf(name)
	})
}

// write writes a file of the project.
func (p *project) write(name, content string) {
	p.t.Helper()

	path := filepath.Join(p.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.t.Fatal(err)
	}

	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// program writes a program that is about to be run. A command that another test starts at this moment would inherit the
// file open for writing, and as long as it is open nobody can run it.
func (p *project) program(path string, content []byte) {
	p.t.Helper()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()

	p.must(os.WriteFile(path, content, 0o755))
}

func (p *project) remove(name string) {
	p.t.Helper()

	if err := os.Remove(filepath.Join(p.dir, name)); err != nil {
		p.t.Fatal(err)
	}
}

// instance is the server's name of a service's instance.
func (p *project) instance(service string, number int) string {
	return fmt.Sprintf("%s-%s-%d", p.name, service, number)
}

// command prepares icc as a user of the server's host runs it.
func (p *project) command(args ...string) *exec.Cmd {
	p.t.Helper()

	icc, err := iccPath()
	if err != nil {
		p.t.Fatal(err)
	}

	command := p.host.Command(p.t, icc, args...)
	command.Dir = p.dir
	command.Env = append(p.environment(command.Env), p.env...)

	return command
}

// environment leaves out what would change icc's behaviour, and gives all tests one home of their own.
func (p *project) environment(env []string) []string {
	home := filepath.Join(os.TempDir(), "icc-e2e-home")
	if err := os.MkdirAll(home, 0o755); err != nil {
		p.t.Fatal(err)
	}

	env = slices.DeleteFunc(env, func(entry string) bool {
		key, _, _ := strings.Cut(entry, "=")

		return strings.HasPrefix(key, "COMPOSE_") || strings.HasPrefix(key, "XDG_") || key == "HOME" ||
			strings.HasPrefix(key, "ICC_") && !strings.HasPrefix(key, "ICC_TESTBED_")
	})

	return append(env, "HOME="+home)
}

// result is what a run of icc left.
type result struct {
	args           []string
	stdout, stderr string
	code           int
	elapsed        time.Duration
}

func (r result) String() string {
	return fmt.Sprintf("icc %s: exit code %d after %s\nstdout:\n%s\nstderr:\n%s",
		strings.Join(r.args, " "), r.code, r.elapsed.Round(time.Millisecond), r.stdout, r.stderr)
}

// icc runs icc in the project's folder.
func (p *project) icc(args ...string) result {
	p.t.Helper()

	return p.run(p.command(args...), "", args)
}

// inFolder runs icc elsewhere.
func (p *project) inFolder(dir string, args ...string) result {
	p.t.Helper()

	command := p.command(args...)
	command.Dir = dir

	return p.run(command, "", args)
}

// piped runs icc with a text as its standard input.
func (p *project) piped(input string, args ...string) result {
	p.t.Helper()

	return p.run(p.command(args...), input, args)
}

func (p *project) run(command *exec.Cmd, input string, args []string) result {
	p.t.Helper()

	var stdout, stderr bytes.Buffer

	command.Stdin = strings.NewReader(input)
	command.Stdout, command.Stderr = &stdout, &stderr
	command.WaitDelay = 10 * time.Second // for output that is still on its way

	begin := time.Now()
	if err := command.Start(); err != nil {
		p.t.Fatal(err)
	}

	timer := time.AfterFunc(busy*patience, func() {
		p.t.Errorf("icc %s hangs; it is killed", strings.Join(args, " "))
		_ = command.Process.Kill()
	})
	defer timer.Stop()

	_ = command.Wait() // the exit code says it

	return result{
		args: args, stdout: stdout.String(), stderr: stderr.String(),
		code: command.ProcessState.ExitCode(), elapsed: time.Since(begin),
	}
}

// ok runs icc and fails the test unless it succeeds.
func (p *project) ok(args ...string) result {
	p.t.Helper()

	r := p.icc(args...)
	if r.code != 0 {
		p.t.Fatal(r)
	}

	return r
}

// fails runs icc and fails the test unless it ends with the exit code and every text on standard error.
func (p *project) fails(code int, args []string, texts ...string) result {
	p.t.Helper()

	r := p.icc(args...)
	p.refused(r, code, texts...)

	return r
}

// refused checks a failed run: the exit code, a line for each error, and each of the texts.
func (p *project) refused(r result, code int, texts ...string) {
	p.t.Helper()

	if r.code != code {
		p.t.Errorf("want exit code %d: %s", code, r)
	}

	for _, text := range append([]string{"error: "}, texts...) {
		if !strings.Contains(r.stderr, text) {
			p.t.Errorf("standard error does not say %q: %s", text, r)
		}
	}

	for _, text := range []string{"panic:", "goroutine ", "%!", "<nil>"} {
		if strings.Contains(r.stderr, text) {
			p.t.Errorf("standard error has %q: %s", text, r)
		}
	}
}

// inside runs a shell command in the first instance of a service and returns what it prints.
func (p *project) inside(service, script string) string {
	p.t.Helper()

	return strings.TrimRight(p.ok("exec", "-T", service, "sh", "-c", script).stdout, "\n")
}
