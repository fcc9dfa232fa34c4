package pid1

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/icc-project/icc/cmd/icc-init/guestapi"
	"github.com/icc-project/icc/cmd/icc-init/prepare"
	"github.com/icc-project/icc/cmd/icc-init/proc"
	"github.com/icc-project/icc/cmd/icc-init/supervise"
	"github.com/icc-project/icc/sdk/initspec"
)

const (
	// codeFailed is the exit code when icc-init itself cannot do its work, as Docker's.
	codeFailed = 125
	// specPatience is how long the guest API may take to appear.
	specPatience = 3 * time.Second
)

// shortestLife is how long PID 1 stays at least: after the start, Incus looks at it and connects the container's ports with
// it, and calls the start failed when it is gone already. Without this, most starts of twenty jobs with ports fail. The
// state file has told the end by then.
const shortestLife = 300 * time.Millisecond

// appletPatience bounds the wait for applets that are just being answered.
const appletPatience = 500 * time.Millisecond

// Main is icc-init as PID 1. When it returns, the container stops.
func Main() int {
	born := time.Now()
	code := live()
	proc.AwaitApplets(appletPatience)
	time.Sleep(time.Until(born.Add(shortestLife)))
	return code
}

func live() int {
	signals := make(chan os.Signal, 64)
	signal.Notify(signals) // from the beginning, for a stop can come at once
	state := newState()    // at once, so that nobody takes an earlier start's end for this one's
	reaper := proc.NewReaper()
	client := guestapi.Client{Socket: initspec.GuestAPI, Patience: specPatience}
	spec, digest, err := client.Orders(context.Background())
	if err != nil {
		return fail(state.Update, err)
	}
	h := newHouse(spec, digest, reaper, state)
	if err := prepare.Container(spec, warn); err != nil {
		return fail(h.state.Update, err)
	}
	if spec.Takeover {
		return handOver(h, digest, signals)
	}
	service := supervise.New(supervise.Settings{
		Spec: spec, Reaper: reaper, State: h.state, Log: h, Hub: h.hub, Watch: h.tests.begin, Warn: warn,
	})
	if err := h.open(supervisor{service, h}); err != nil {
		return fail(h.state.Update, err)
	}
	go obey(signals, service)
	return service.Run(h.closeLog)
}

// obey does what signals to PID 1 ask for.
func obey(signals <-chan os.Signal, service *supervise.Service) {
	for sig := range signals {
		switch s := sig.(syscall.Signal); {
		case isStop(s):
			service.Stop()
		case s == syscall.SIGCHLD || s == syscall.SIGURG || s == syscall.SIGPIPE: // the reaper's, Go's own, and ours
		default:
			service.Forward(s)
		}
	}
}

// isStop tells the signals by which Incus stops (SIGPWR) and reboots (SIGINT) a container, and people everything else.
func isStop(s syscall.Signal) bool {
	return s == syscall.SIGPWR || s == syscall.SIGTERM || s == syscall.SIGINT
}

// fail records why nothing was run, for people at the console too.
func fail(update func(func(*initspec.State)), err error) int {
	warn(err)
	update(func(s *initspec.State) {
		s.Phase, s.Reason, s.Error = initspec.PhaseFailed, initspec.ReasonStartFailed, err.Error()
		s.ExitCode, s.FinishedAt = codeFailed, time.Now().UTC()
	})
	return codeFailed
}
