package pid1

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/icc-project/icc/cmd/icc-init/attach"
	"github.com/icc-project/icc/cmd/icc-init/control"
	"github.com/icc-project/icc/cmd/icc-init/logfile"
	"github.com/icc-project/icc/cmd/icc-init/proc"
	"github.com/icc-project/icc/cmd/icc-init/statefile"
	"github.com/icc-project/icc/sdk/initspec"
)

// house is what PID 1 and the keeper both have.
type house struct {
	spec   *initspec.Spec // as it was at the start: how the command was started
	reaper *proc.Reaper
	state  *statefile.File
	log    *logfile.Writer
	hub    *attach.Hub
	tests  *tests
	reload *reloader
	names  names
}

// newHouse begins with orders, whose digest is told in the state.
func newHouse(spec *initspec.Spec, digest string, reaper *proc.Reaper, state *statefile.File) *house {
	h := &house{spec: spec, reaper: reaper, hub: attach.NewHub(), state: state}
	h.tests = &tests{run: h.probe, tell: h.tellHealth, ready: newReadiness().set, health: spec.Health}
	h.reload = &reloader{house: h, now: *spec}
	state.Update(func(s *initspec.State) { s.Orders, s.Health = digest, untold(spec.Health) })
	return h
}

// newState forgets what an earlier start has left.
func newState() *statefile.File {
	return statefile.New(filepath.Join(initspec.Dir, initspec.StateFile), initspec.State{Phase: initspec.PhaseStarting}, warn)
}

// open begins the log and the control socket.
func (h *house) open(sup control.Supervisor) error {
	begin := logfile.Open
	if h.spec.Takeover { // the kernel kills the keeper when the image's init ends
		begin = logfile.OpenEager
	}
	var err error
	if h.log, err = begin(filepath.Join(initspec.Dir, initspec.LogDir), h.spec.Log); err != nil {
		return fmt.Errorf("opening the log: %w", err)
	}
	go func() {
		// Without a socket the applets do not work; that is no reason not to run the service.
		if err := control.Serve(context.Background(), filepath.Join(initspec.Dir, initspec.ControlSocket), sup, h.hub); err != nil {
			warn(fmt.Errorf("opening the control socket: %w", err))
		}
	}()
	return nil
}

func (h *house) closeLog() {
	if err := h.log.Close(); err != nil {
		warn(fmt.Errorf("closing the log: %w", err))
	}
}

// Stream returns where the service's output is kept.
func (h *house) Stream(name string) io.Writer { return h.log.Stream(name) }

func (h *house) tellHealth(now *initspec.HealthState) {
	h.state.Update(func(s *initspec.State) { s.Health = now })
}

// warn says something on the container's console.
func warn(err error) { fmt.Fprintln(os.Stderr, "icc-init:", err) }
