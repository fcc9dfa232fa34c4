package supervise

import (
	"errors"
	"sync"
	"syscall"
	"time"

	"github.com/icc-project/icc/cmd/icc-init/proc"
	"github.com/icc-project/icc/sdk/initspec"
)

// errNotRunning answers a signal for a process that is not there.
var errNotRunning = errors.New("the main process is not running")

// Service is the main process through all its runs.
type Service struct {
	Settings
	// quit is closed when the service is to end for good: by a stop, or a kill between two runs.
	quit     chan struct{}
	quitOnce sync.Once

	mu           sync.Mutex
	orders       *initspec.Spec // the latest, of which only what Adopt says counts
	renewed      chan struct{}  // closed when other orders come
	policy       policy
	process      *proc.Process // nil while none runs
	stopping     time.Time     // zero until a stop begins
	grace        time.Duration
	graceChanged chan struct{}
	killed       syscall.Signal // the latest signal by Kill
	killedAt     time.Time
	late         syscall.Signal // by which Kill has ended the service between two runs, the next of which may be starting
}

// New returns a service that has not been started.
func New(s Settings) *Service {
	return &Service{
		Settings: s, quit: make(chan struct{}), orders: s.Spec, renewed: make(chan struct{}),
		policy: policy{Restart: s.Spec.Restart}, grace: grace(s.Spec), graceChanged: make(chan struct{}),
	}
}

// State returns the latest state.
func (s *Service) State() initspec.State { return s.Settings.State.State() }

// Changed returns a channel that is closed at the state's next change.
func (s *Service) Changed() <-chan struct{} { return s.Settings.State.Changed() }

// Kill sends the signal to the main process and remembers it, for the restart policy. Before the first run and between two,
// a signal that would end the process ends the service.
func (s *Service) Kill(sig syscall.Signal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		phase := s.State().Phase
		if ends(sig, s.stopSignal()) && (phase == initspec.PhaseRestarting || phase == initspec.PhaseStarting) {
			s.late = sig
			s.leave()
			return nil
		}
		return errNotRunning
	}
	s.killed, s.killedAt = sig, time.Now()
	return s.process.Signal(sig)
}

// Forward passes a signal on that PID 1 was sent, if there is a process to get it.
func (s *Service) Forward(sig syscall.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil {
		_ = s.process.Signal(sig)
	}
}

// Grace sets how long a stop waits, also one that has begun; negative means without end.
func (s *Service) Grace(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setGrace(d)
}

func (s *Service) setGrace(d time.Duration) {
	s.grace = d
	close(s.graceChanged)
	s.graceChanged = make(chan struct{})
}

// Stop begins to end the service. Further calls change nothing.
func (s *Service) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stopping.IsZero() {
		return
	}
	s.stopping = time.Now()
	s.leave()
	if s.process != nil {
		s.end(s.process)
	}
}

// Stopped reports whether Stop was called.
func (s *Service) Stopped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.stopping.IsZero()
}

func (s *Service) leave() { s.quitOnce.Do(func() { close(s.quit) }) }

// left reports whether the service is to end for good.
func (s *Service) left() bool {
	select {
	case <-s.quit:
		return true
	default:
		return false
	}
}

// end sends the stop signal and sees to the grace period. s.mu is held.
func (s *Service) end(p *proc.Process) {
	_ = p.Signal(s.stopSignal())
	go s.enforce(p)
}

// enforce kills the process and all others when the grace period is over.
func (s *Service) enforce(p *proc.Process) {
	for {
		s.mu.Lock()
		changed, left := s.graceChanged, time.Until(s.stopping.Add(s.grace))
		if s.grace < 0 {
			left = 1<<63 - 1
		}
		s.mu.Unlock()
		select {
		case <-p.Done():
			return
		case <-changed:
		case <-time.After(left):
			_ = p.Signal(syscall.SIGKILL)
			proc.Sweep(0)
			return
		}
	}
}

// adopt makes p the process that signals go to. A stop or a kill that came during its start is made up for.
func (s *Service) adopt(p *proc.Process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.process, s.killed = p, s.late
	if s.late != 0 {
		s.killedAt = time.Now()
		_ = p.Signal(s.late)
	}
	if !s.stopping.IsZero() {
		s.end(p)
	}
}

// byHand reports whether the run's end is due to a stop or a kill, after which nothing is started again. A signal that
// asks to end may be answered by an exit some time later.
func (s *Service) byHand(o outcome) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.stopping.IsZero():
		return true
	case s.killed == 0:
		return false
	case o.signal == s.killed:
		return true
	default:
		return ends(s.killed, s.stopSignal()) && o.at.Sub(s.killedAt) <= max(s.grace, defaultGrace)
	}
}

// ends tells the signals that are sent in order to end a process.
func ends(sig, stop syscall.Signal) bool {
	switch sig {
	case stop, syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT:
		return true
	}
	return false
}
