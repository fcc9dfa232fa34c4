package proc

import (
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// Reaper starts children and reaps all that die.
type Reaper struct {
	mu       sync.Mutex // held over fork and wait, so that no child dies unknown and no pid is mixed up
	children map[int]*Process
}

// NewReaper returns a Reaper that works until the program ends.
func NewReaper() *Reaper {
	r := &Reaper{children: map[int]*Process{}}
	died := make(chan os.Signal, 1)
	signal.Notify(died, syscall.SIGCHLD)
	go func() {
		for range died {
			r.reap()
		}
	}()
	return r
}

// Process is a child that was started by a Reaper.
type Process struct {
	// PID is the process' number in this container.
	PID int

	reaper *Reaper
	done   chan struct{}
	status syscall.WaitStatus
}

// Start runs the program at path. Argv includes its own name; attr is as in syscall.ForkExec.
func (r *Reaper) Start(path string, argv []string, attr *syscall.ProcAttr) (*Process, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	pid, err := syscall.ForkExec(path, argv, attr)
	if err != nil {
		return nil, err
	}
	p := &Process{PID: pid, reaper: r, done: make(chan struct{})}
	r.children[pid] = p
	return p, nil
}

// Done is closed when the process has ended and was reaped.
func (p *Process) Done() <-chan struct{} { return p.done }

// Status tells how the process ended; it is valid after Done.
func (p *Process) Status() syscall.WaitStatus { return p.status }

// Signal sends a signal. A process that has ended gets none, and neither does a later one with its number.
func (p *Process) Signal(sig syscall.Signal) error { return p.signal(p.PID, sig) }

// SignalGroup sends a signal to the process group that the process leads.
func (p *Process) SignalGroup(sig syscall.Signal) error { return p.signal(-p.PID, sig) }

func (p *Process) signal(pid int, sig syscall.Signal) error {
	p.reaper.mu.Lock()
	defer p.reaper.mu.Unlock()
	select {
	case <-p.done:
		return os.ErrProcessDone
	default:
		return syscall.Kill(pid, sig)
	}
}

// reap collects all that are dead now. SIGCHLD tells of at least one.
func (r *Reaper) reap() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return
		}
		if p := r.children[pid]; p != nil {
			delete(r.children, pid)
			p.status = status
			close(p.done)
		}
	}
}
