package supervise

import (
	"syscall"
	"time"

	"github.com/icc-project/icc/cmd/icc-init/attach"
	"github.com/icc-project/icc/cmd/icc-init/control"
	"github.com/icc-project/icc/cmd/icc-init/proc"
	"github.com/icc-project/icc/cmd/icc-init/statefile"
	"github.com/icc-project/icc/cmd/icc-init/stdio"
	"github.com/icc-project/icc/sdk/initspec"
)

// defaultGrace is Docker's.
const defaultGrace = 10 * time.Second

// Settings are what a Service works with.
type Settings struct {
	// Spec says how the command is run, and how it is supervised until Adopt.
	Spec   *initspec.Spec
	Reaper *proc.Reaper
	State  *statefile.File
	Log    stdio.Log
	Hub    *attach.Hub
	// Watch begins health tests of a command that has just started; the returned function ends them.
	Watch func() (end func())
	// Warn tells people at the console.
	Warn func(error)
}

// stopSignal returns the orders'; the plugin has checked it, so that a wrong one only comes from hand-made orders. s.mu
// is held.
func (s *Service) stopSignal() syscall.Signal {
	if s.orders.StopSignal == "" {
		return syscall.SIGTERM
	}
	sig, err := control.ParseSignal(s.orders.StopSignal)
	if err != nil {
		s.Warn(err)
		return syscall.SIGTERM
	}
	return sig
}

// grace returns the spec's grace period; a negative one has no end.
func grace(spec *initspec.Spec) time.Duration {
	if spec.Grace == nil {
		return defaultGrace
	}
	return *spec.Grace
}
