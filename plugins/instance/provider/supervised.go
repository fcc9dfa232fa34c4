package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/guest"
	"github.com/icc-project/icc/plugins/instance/lifecycle"
	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/runlog"
	"github.com/icc-project/icc/plugins/instance/runstate"
	"github.com/icc-project/icc/plugins/instance/runtime"
	"github.com/icc-project/icc/plugins/instance/spec"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// supervised is an instance whose PID 1 is icc-init.
type supervised struct {
	*lifecycle.Manager
	inst   *api.Instance
	orders *initspec.Spec
	volume *runtime.Volume
	place  runtime.Place
}

// see reads an instance from the server; s is nil when it has no icc-init.
func (p *Provider) see(ctx context.Context, m *lifecycle.Manager) (inst *api.Instance, s *supervised, err error) {
	if inst, _, err = observe.Get(m.Server, m.Name); err != nil {
		return nil, nil, fmt.Errorf("reading instance %q: %w", m.Name, err)
	}
	orders := spec.Orders(inst.Config)
	place, ok := runtime.Locate(inst)
	if orders == nil || !ok {
		return inst, nil, nil
	}
	return inst, &supervised{Manager: m, inst: inst, orders: orders, place: place, volume: p.files().Open(ctx, place.Pool, place.Volume)}, nil
}

// files are the volumes' files; connect has made them.
func (p *Provider) files() *runtime.Volumes {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.volumes
}

func (s *supervised) close() { s.volume.Close() }

// look reads the instance again.
func (s *supervised) look() error {
	inst, _, err := observe.Get(s.Server, s.Name)
	if err != nil {
		return fmt.Errorf("reading instance %q: %w", s.Name, err)
	}
	s.inst = inst
	return nil
}

func (s *supervised) state(ctx context.Context) (*initspec.State, error) {
	return runstate.Read(ctx, s.volume, s.place)
}

// applet runs an applet and returns its exit code and the end of its output.
func (s *supervised) applet(ctx context.Context, name string, args ...string) (int, string, error) {
	var out guest.Tail
	code, err := guest.Applet{Name: name, Args: args}.Run(ctx, s.Server, s.Name, guest.Streams{Stdout: &out, Stderr: &out})
	return code, strings.TrimSpace(out.String()), err
}

// The wait applet fails when the container stops, which is seen by a later look, and when it has just been started and
// icc-init does not listen yet.
const (
	// waitTime is how long it may fail.
	waitTime  = 30 * time.Second
	waitPause = 50 * time.Millisecond
	// failTime is what one failure counts for at most: who has waited for longer was heard.
	failTime = time.Second
)

// await runs the wait applet until it tells something, or the instance has stopped. The code is that of the applet, or
// initspec.WaitEnded.
func (s *supervised) await(ctx context.Context, what string) (int, error) {
	for failed := time.Duration(0); ; {
		begin := time.Now()
		code, text, err := s.applet(ctx, initspec.AppletWait, what)
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		if err == nil {
			switch code {
			case initspec.WaitDone, initspec.WaitUnhealthy, initspec.WaitEnded, initspec.WaitNoTest:
				return code, nil
			}
		}
		if lookErr := s.look(); lookErr != nil {
			return 0, lookErr
		}
		failed += waitPause + min(time.Since(begin), failTime)
		switch {
		case s.inst.StatusCode == api.Stopped:
			return initspec.WaitEnded, nil
		case s.inst.StatusCode == api.Frozen, failed > waitTime:
			if err == nil {
				err = resource.ErrOperation.WithText(fmt.Sprintf("icc-init does not answer: exit code %d: %s", code, text))
			}
			return 0, fmt.Errorf("waiting for %s: %w", s.Name, err)
		}
		if sdkincus.Pause(ctx, waitPause) != nil {
			return 0, context.Cause(ctx)
		}
	}
}

// exit blocks until the main process has ended for good and tells how.
func (s *supervised) exit(ctx context.Context) (runstate.Exit, error) {
	if observe.NeverStarted(s.inst) {
		return runstate.Exit{}, resource.ErrNotRunning.WithText(s.Name + " was never started").WithHint("start it with `icc start`")
	}
	for s.inst.StatusCode != api.Stopped {
		code, err := s.await(ctx, "exit")
		if err != nil {
			return runstate.Exit{}, err
		}
		state, err := s.state(ctx)
		if code == initspec.WaitDone && err == nil && state.Ended() {
			return runstate.Ended(s.inst, state), nil
		}
		// icc-init was killed, or its state is not written yet: the instance is about to stop.
		if err := s.look(); err != nil {
			return runstate.Exit{}, err
		}
		if s.inst.StatusCode != api.Stopped && sdkincus.Pause(ctx, waitPause) != nil {
			return runstate.Exit{}, context.Cause(ctx)
		}
	}
	return s.ended(ctx)
}

// ended tells how the main process of a stopped instance ended.
func (s *supervised) ended(ctx context.Context) (runstate.Exit, error) {
	state, err := s.state(ctx)
	if errors.Is(err, runstate.ErrNone) {
		state, err = &initspec.State{}, nil
	}
	if err != nil {
		return runstate.Exit{}, err
	}
	return runstate.Ended(s.inst, state), nil
}

// lastLines is how much of a log an error shows.
const lastLines = 10

// lastWords returns the end of the log for an error's text; empty when there is none. What earlier runs of the command
// wrote is no reason for the end of the latest.
func (s *supervised) lastWords(ctx context.Context) string {
	var began time.Time
	if state, err := s.state(ctx); err == nil {
		began = state.StartedAt
	}
	text, err := runlog.Last(ctx, s.volume, s.place.LogDir(), began, lastLines)
	if err != nil {
		s.Sink.Notice(resource.LevelDebug, fmt.Sprintf("reading the last lines of %s: %v", s.Name, err))
	}
	if lines := strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")); lines != "" {
		return "; its last lines:\n" + lines
	}
	return ""
}
