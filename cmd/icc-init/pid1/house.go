package pid1

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/icc-project/icc/cmd/icc-init/attach"
	"github.com/icc-project/icc/cmd/icc-init/control"
	"github.com/icc-project/icc/cmd/icc-init/health"
	"github.com/icc-project/icc/cmd/icc-init/logfile"
	"github.com/icc-project/icc/cmd/icc-init/proc"
	"github.com/icc-project/icc/cmd/icc-init/statefile"
	"github.com/icc-project/icc/sdk/initspec"
)

// house is what PID 1 and the keeper both have.
type house struct {
	spec   *initspec.Spec
	reaper *proc.Reaper
	state  *statefile.File
	log    *logfile.Writer
	hub    *attach.Hub
	ready  *readiness
}

func newHouse(spec *initspec.Spec, reaper *proc.Reaper, state *statefile.File) *house {
	if tested(spec) {
		state.Update(func(s *initspec.State) { s.Health = &initspec.HealthState{Status: initspec.HealthStarting} })
	}
	return &house{spec: spec, reaper: reaper, hub: attach.NewHub(), ready: newReadiness(), state: state}
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

// watch begins to test the health of a command that has just started, and returns what ends the tests.
func (h *house) watch() func() {
	if !tested(h.spec) {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := health.Start(ctx, health.Config{
		Health: *h.spec.Health,
		Run:    h.probe,
		Update: func(now *initspec.HealthState) { h.state.Update(func(s *initspec.State) { s.Health = now }) },
		Ready:  h.ready.set,
	})
	return func() { cancel(); <-done }
}

func tested(spec *initspec.Spec) bool {
	return spec.Health != nil && len(spec.Health.Test) > 0 && spec.Health.Test[0] != "NONE"
}

// warn says something on the container's console.
func warn(err error) { fmt.Fprintln(os.Stderr, "icc-init:", err) }
