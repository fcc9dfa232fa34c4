package control

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/icc-project/icc/cmd/icc-init/attach"
	"github.com/icc-project/icc/cmd/icc-init/control/socket"
	"github.com/icc-project/icc/sdk/initspec"
)

// process is a Supervisor without a process.
type process struct {
	mu      sync.Mutex
	state   initspec.State
	changed chan struct{}
	killed  []syscall.Signal
	grace   time.Duration
	err     error
	// seen has a value when somebody has looked at the state since it was set.
	seen chan struct{}
}

func (p *process) Kill(sig syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.killed = append(p.killed, sig)
	return p.err
}

func (p *process) Grace(d time.Duration) { p.mu.Lock(); defer p.mu.Unlock(); p.grace = d }

func (p *process) Reload() (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return initspec.ReloadRestart, p.err
}

func (p *process) State() initspec.State {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case p.seen <- struct{}{}:
	default:
	}
	return p.state
}

func (p *process) Changed() <-chan struct{} { p.mu.Lock(); defer p.mu.Unlock(); return p.changed }

func (p *process) set(phase, health string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state = initspec.State{Phase: phase}
	if health != "" {
		p.state.Health = &initspec.HealthState{Status: health}
	}
	select {
	case <-p.seen:
	default:
	}
	close(p.changed)
	p.changed = make(chan struct{})
}

// container is PID 1 with applets.
type container struct {
	process
	hub    *attach.Hub
	socket string
	end    context.CancelFunc
	ended  chan error
}

func newContainer(t *testing.T) *container {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	c := &container{hub: attach.NewHub(), socket: filepath.Join(t.TempDir(), "control"), end: cancel, ended: make(chan error, 1)}
	c.changed, c.seen = make(chan struct{}), make(chan struct{}, 1)
	go func() { c.ended <- Serve(ctx, c.socket, c, c.hub) }()
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if conn, err := socket.Dial(c.socket); err == nil {
			conn.Close()
			return c
		}
		if time.Now().After(end) {
			t.Fatal("PID 1 does not listen")
		}
	}
}

// run runs an applet and returns its exit code and what it said.
func (c *container) run(in *os.File, verb string, args ...string) (code int, out, errOut string) {
	var o, e bytes.Buffer
	a := applet{socket: c.socket, in: in, out: &o, errOut: &e}
	switch verb {
	case "kill":
		code = a.kill(args)
	case "grace":
		code = a.grace(args)
	case "wait":
		code = a.wait(args)
	case "attach":
		code = a.attach(args)
	case "reload":
		code = a.reload(args)
	}
	return code, o.String(), e.String()
}

func TestKillReachesTheProcess(t *testing.T) {
	t.Parallel()
	c := newContainer(t)
	if code, _, errOut := c.run(nil, "kill", "RTMIN+1"); code != 0 || errOut != "" {
		t.Errorf("got %d, %q", code, errOut)
	}
	if len(c.killed) != 1 || c.killed[0] != 35 {
		t.Errorf("the process got %v", c.killed)
	}
	if code, _, errOut := c.run(nil, "kill", "FOO"); code != 2 || !strings.Contains(errOut, `"FOO"`) || len(c.killed) != 1 {
		t.Errorf("for no signal it says %d, %q", code, errOut)
	}
	c.err = errors.New("there is no process")
	if code, _, errOut := c.run(nil, "kill", "TERM"); code != 1 || errOut != "there is no process\n" {
		t.Errorf("for no process it says %d, %q", code, errOut)
	}
}

func TestGraceReachesTheSupervisor(t *testing.T) {
	t.Parallel()
	c := newContainer(t)
	if code, _, errOut := c.run(nil, "grace", "1500"); code != 0 || c.grace != 1500*time.Millisecond {
		t.Errorf("got %d, %q, %v", code, errOut, c.grace)
	}
}

func TestWrongArgumentsAreExplained(t *testing.T) {
	t.Parallel()
	c := newContainer(t)
	for _, args := range [][]string{{"kill"}, {"kill", "1", "2"}, {"grace"}, {"grace", "soon"}, {"wait"}, {"wait", "a moment"}, {"attach", "-x"}, {"reload", "now"}} {
		if code, _, errOut := c.run(nil, args[0], args[1:]...); code != 2 || !strings.HasPrefix(errOut, "usage: /s6-init "+args[0]) {
			t.Errorf("%q: got %d, %q", args, code, errOut)
		}
	}
}

func TestWithoutPID1AppletsFail(t *testing.T) {
	t.Parallel()
	c := &container{socket: filepath.Join(t.TempDir(), "control")}
	for _, args := range [][]string{{"kill", "1"}, {"grace", "1"}, {"wait", "exit"}, {"attach"}} {
		if code, _, errOut := c.run(nil, args[0], args[1:]...); code != 1 || !strings.Contains(errOut, "connecting to socket") {
			t.Errorf("%q: got %d, %q", args, code, errOut)
		}
	}
}

func TestWaitEndsWhenItIsDecided(t *testing.T) {
	t.Parallel()
	const starting, healthy, unhealthy = initspec.HealthStarting, initspec.HealthHealthy, initspec.HealthUnhealthy
	tests := map[string]struct {
		until  string
		states [][2]string // phase and health; "" ends the container
		want   int
	}{
		"healthy":                         {"healthy", [][2]string{{initspec.PhaseStarting, starting}, {initspec.PhaseRunning, starting}, {initspec.PhaseRunning, healthy}}, initspec.WaitDone},
		"unhealthy":                       {"healthy", [][2]string{{initspec.PhaseRunning, starting}, {initspec.PhaseRunning, unhealthy}}, initspec.WaitUnhealthy},
		"restarting goes on":              {"healthy", [][2]string{{initspec.PhaseRestarting, starting}, {initspec.PhaseRunning, healthy}}, initspec.WaitDone},
		"ended before it was healthy":     {"healthy", [][2]string{{initspec.PhaseRunning, starting}, {initspec.PhaseExited, starting}}, initspec.WaitEnded},
		"failed before it was healthy":    {"healthy", [][2]string{{initspec.PhaseFailed, starting}}, initspec.WaitEnded},
		"no test":                         {"healthy", [][2]string{{initspec.PhaseRunning, ""}}, initspec.WaitNoTest},
		"the container ends, not healthy": {"healthy", [][2]string{{initspec.PhaseRunning, starting}, {}}, initspec.WaitEnded},
		"exit":                            {"exit", [][2]string{{initspec.PhaseRunning, healthy}, {initspec.PhaseRestarting, ""}, {initspec.PhaseExited, ""}}, initspec.WaitDone},
		"exit by failure":                 {"exit", [][2]string{{initspec.PhaseStarting, ""}, {initspec.PhaseFailed, ""}}, initspec.WaitDone},
		"the container ends":              {"exit", [][2]string{{initspec.PhaseRunning, ""}, {}}, initspec.WaitDone},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newContainer(t)
			c.set(test.states[0][0], test.states[0][1])
			ended := make(chan int, 1)
			go func() { code, _, _ := c.run(nil, "wait", test.until); ended <- code }()
			for _, state := range test.states[1:] {
				select { // what ends too early does so when it looks at the state, or while the next one is on its way
				case code := <-ended:
					t.Fatalf("it ended too early, with %d", code)
				case <-c.seen:
				}
				select {
				case code := <-ended:
					t.Fatalf("it ended too early, with %d", code)
				case <-time.After(30 * time.Millisecond):
				}
				if state[0] == "" {
					c.end()
				} else {
					c.set(state[0], state[1])
				}
			}
			select {
			case code := <-ended:
				if code != test.want {
					t.Errorf("it ends with %d, not %d", code, test.want)
				}
			case <-time.After(time.Minute):
				t.Error("it does not end")
			}
		})
	}
}

func TestAttachEndsAsTheProcessDoes(t *testing.T) {
	t.Parallel()
	c := newContainer(t)
	in, typing, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer typing.Close()
	go func() {
		<-c.hub.Attached()
		c.hub.Output(initspec.Stdout).Write([]byte("out"))
		c.hub.Output(initspec.Stderr).Write([]byte("err"))
		c.hub.End(t.Context(), 42, time.Minute)
	}()
	if code, out, errOut := c.run(in, "attach", "-i"); code != 42 || out != "out" || errOut != "err" {
		t.Errorf("got %d, %q, %q", code, out, errOut)
	}
}

func TestAttachSaysWhenTheContainerIsGone(t *testing.T) {
	t.Parallel()
	c := newContainer(t)
	go func() {
		<-c.hub.Attached()
		c.end()
	}()
	if code, _, errOut := c.run(nil, "attach"); code != 137 || !strings.Contains(errOut, "container has ended") {
		t.Errorf("got %d, %q", code, errOut)
	}
}

func TestAttachBringsItsTerminal(t *testing.T) {
	t.Parallel()
	c := newContainer(t)
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	defer slave.Close()
	if err := (attach.Size{Rows: 12, Cols: 34}).Apply(slave); err != nil {
		t.Fatal(err)
	}
	theirs, process, err := pty.Open() // the process'
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	defer process.Close()
	c.hub.Terminal(theirs)
	c.hub.Input(theirs)
	got := make(chan string, 1)
	go func() {
		line := make([]byte, 100)
		n, _ := process.Read(line)
		size, _ := attach.TerminalSize(process)
		got <- string(line[:n])
		if size != (attach.Size{Rows: 12, Cols: 34}) {
			t.Errorf("the size is %v", size)
		}
		c.hub.End(context.Background(), 0, time.Minute)
	}()
	go func() {
		<-c.hub.Attached()
		master.WriteString("hello\r")
	}()
	if code, _, errOut := c.run(slave, "attach", "-i", "-t"); code != 0 {
		t.Errorf("got %d, %q", code, errOut)
	}
	if line := <-got; line != "hello\n" {
		t.Errorf("the process read %q", line)
	}
	if code, _, errOut := c.run(os.Stdin, "attach", "-t"); code != 1 || !strings.Contains(errOut, "-t needs a terminal") {
		t.Errorf("without a terminal it says %d, %q", code, errOut)
	}
}

func TestReloadTellsHowMuchCouldBeDone(t *testing.T) {
	t.Parallel()
	c := newContainer(t)
	if code, _, errOut := c.run(nil, "reload"); code != initspec.ReloadRestart || errOut != "" {
		t.Errorf("got %d, %q", code, errOut)
	}
	c.err = errors.New("the guest API is away")
	if code, _, errOut := c.run(nil, "reload"); code != 1 || errOut != "the guest API is away\n" {
		t.Errorf("got %d, %q", code, errOut)
	}
}
