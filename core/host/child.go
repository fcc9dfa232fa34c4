package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/go-plugin/runner"
	"golang.org/x/sys/unix"

	"github.com/icc-project/icc/sdk/wire"
)

// drainTime is how long the output of an ended plugin may still be read: a grandchild can hold the pipes open.
const drainTime = 2 * time.Second

// child is a plugin process. It leads a process group of its own, reads nothing from the user's terminal, and holds
// one end of a lifeline whose other end closes with the host, however the host ends.
type child struct {
	cmd     *exec.Cmd
	spawner *spawner

	stdout, stderr *os.File
	lifeline       *os.File // the host's end; never written to

	exited chan struct{} // closed when the process is gone and reaped
	mu     sync.Mutex
	pid    int    // 0 before the start
	doomed bool   // to be killed as soon as there is something to kill
	first  []byte // the beginning of stdout, where the handshake is expected
	state  *os.ProcessState
}

var _ runner.Runner = (*child)(nil)

// newChild prepares a process for the plugin at path, with env and nothing else as its environment.
func newChild(path string, env []string, s *spawner) *child {
	cmd := exec.Command(path)
	cmd.Env = append(env, wire.LifelineEnv+"=3", wire.HostEnv+"="+strconv.Itoa(os.Getpid()))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGHUP}
	return &child{cmd: cmd, spawner: s, exited: make(chan struct{})}
}

// Start implements runner.Runner.
func (c *child) Start(context.Context) error {
	var theirs []*os.File
	defer func() {
		for _, f := range theirs {
			_ = f.Close()
		}
	}()
	var outW, errW, lineR *os.File
	var err error
	if c.stdout, outW, err = os.Pipe(); err == nil {
		theirs = append(theirs, outW)
		c.stderr, errW, err = os.Pipe()
	}
	if err == nil {
		theirs = append(theirs, errW)
		lineR, c.lifeline, err = os.Pipe()
	}
	if err != nil {
		c.closePipes()
		return fmt.Errorf("making a pipe: %w", err)
	}
	theirs = append(theirs, lineR)
	c.cmd.Stdout, c.cmd.Stderr, c.cmd.ExtraFiles = outW, errW, []*os.File{lineR} // stdin is /dev/null
	if err := c.spawner.do(c.cmd.Start); err != nil {
		c.closePipes()
		return err
	}
	c.mu.Lock()
	c.pid = c.cmd.Process.Pid
	doomed := c.doomed
	c.mu.Unlock()
	if doomed {
		c.signal(syscall.SIGKILL, true)
	}
	go c.reap(c.pid)
	return nil
}

// doom kills the process and its group, also when it is only just being started.
func (c *child) doom() {
	c.mu.Lock()
	c.doomed = true
	c.mu.Unlock()
	c.signal(syscall.SIGKILL, true)
}

func (c *child) closePipes() {
	for _, f := range []*os.File{c.stdout, c.stderr, c.lifeline} {
		if f != nil {
			_ = f.Close()
		}
	}
}

// reap waits for the process and ends what it leaves in its group. The group is killed before the process is reaped,
// while its number cannot belong to anybody else.
func (c *child) reap(pid int) {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	c.mu.Lock()
	_ = syscall.Kill(-pid, syscall.SIGKILL)
	_ = c.cmd.Wait()
	c.state = c.cmd.ProcessState
	c.mu.Unlock()
	_ = c.lifeline.Close()
	deadline := time.Now().Add(drainTime)
	_ = c.stdout.SetReadDeadline(deadline)
	_ = c.stderr.SetReadDeadline(deadline)
	close(c.exited)
}

// signal sends a signal to the process, or to its whole group.
func (c *child) signal(s syscall.Signal, group bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pid == 0 || c.state != nil {
		return
	}
	pid := c.pid
	if group {
		pid = -pid
	}
	_ = syscall.Kill(pid, s)
}

// how says how the process has ended, for example "exit status 2" or "signal: killed"; "" while it runs.
func (c *child) how() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == nil {
		return ""
	}
	return c.state.String()
}

// firstLine returns the beginning of what the process wrote to standard output.
func (c *child) firstLine() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return string(c.first)
}

// Stdout implements runner.Runner.
func (c *child) Stdout() io.ReadCloser { return &firstReader{File: c.stdout, child: c} }

// firstReader remembers the first line that goes through it.
type firstReader struct {
	*os.File
	child *child
	done  bool
}

// Read implements io.Reader.
func (r *firstReader) Read(p []byte) (int, error) {
	n, err := r.File.Read(p)
	if r.done || n == 0 {
		return n, err
	}
	r.child.mu.Lock()
	defer r.child.mu.Unlock()
	for _, b := range p[:n] {
		if b == '\n' || len(r.child.first) >= 256 {
			r.done = true
			break
		}
		r.child.first = append(r.child.first, b)
	}
	return n, err
}

// Stderr implements runner.Runner.
func (c *child) Stderr() io.ReadCloser { return c.stderr }

// Wait implements runner.Runner. go-plugin calls it when it has read both streams to their ends.
func (c *child) Wait(context.Context) error {
	<-c.exited
	_ = c.stdout.Close()
	_ = c.stderr.Close()
	return nil
}

// Kill implements runner.Runner.
func (c *child) Kill(context.Context) error {
	c.signal(syscall.SIGKILL, true)
	return nil
}

// ID implements runner.Runner. It is empty before the process has started.
func (c *child) ID() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pid == 0 {
		return ""
	}
	return strconv.Itoa(c.pid)
}

// Name implements runner.Runner.
func (c *child) Name() string { return c.cmd.Path }

// Diagnose implements runner.Runner. The host explains failures itself.
func (c *child) Diagnose(context.Context) string { return "" }

// PluginToHost implements runner.Runner.
func (c *child) PluginToHost(network, addr string) (string, string, error) { return network, addr, nil }

// HostToPlugin implements runner.Runner.
func (c *child) HostToPlugin(network, addr string) (string, string, error) { return network, addr, nil }
