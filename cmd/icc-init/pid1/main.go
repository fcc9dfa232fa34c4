package pid1

import (
	"context"
	"errors"
	"io/fs"
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

// Each port keeps it longer: a proxy that Incus has begun to start when the container ends goes on listening for nobody,
// and holds the port, until Incus starts or stops the instance again. It looks once a second whether a proxy is there, and
// misses one that needs more than a second the first time.
const lifeByPort = 2200 * time.Millisecond

// manyPorts are enough for the longest stay.
const manyPorts = int(initspec.LongestStay/lifeByPort) + 1

// appletPatience bounds the wait for applets that are just being answered.
const appletPatience = 500 * time.Millisecond

// Main is icc-init as PID 1. When it returns, the container stops.
func Main() int {
	born := time.Now()
	code, stopped := live()
	proc.AwaitApplets(appletPatience)
	life := lifetime(time.Since(born), stopped, func() int { return ports(initspec.GuestAPI, born.Add(initspec.LongestStay)) })
	time.Sleep(time.Until(born.Add(life)))
	return code
}

// lifetime is how long PID 1 lives at least when its work is done after it has lived for so long. Incus stops nothing whose
// ports it is connecting.
func lifetime(lived time.Duration, stopped bool, ports func() int) time.Duration {
	switch {
	case lived >= initspec.LongestStay:
		return 0
	case stopped:
		return shortestLife
	}
	return min(shortestLife+time.Duration(ports())*lifeByPort, initspec.LongestStay)
}

// ports counts those that are published. A server that is too busy to say so by then, or being started anew, may be
// connecting many. Where there is no guest API nobody knows of any.
func ports(socket string, until time.Time) int {
	ctx, cancel := context.WithDeadline(context.Background(), until)
	defer cancel()
	n, err := guestapi.Client{Socket: socket}.Proxies(ctx)
	if err == nil {
		return n
	}
	warn(err)
	if errors.Is(err, fs.ErrNotExist) {
		return 0
	}
	return manyPorts
}

// live returns the exit code, and whether Incus has asked for the end.
func live() (code int, stopped bool) {
	signals := hear()   // from the beginning, for a stop can come at once
	state := newState() // at once, so that nobody takes an earlier start's end for this one's
	reaper := proc.NewReaper()
	client := guestapi.Client{Socket: initspec.GuestAPI, Patience: specPatience}
	spec, digest, err := client.Orders(context.Background())
	if err != nil {
		return fail(state.Update, err), false
	}
	h := newHouse(spec, digest, reaper, state)
	if err := prepare.Container(spec, warn); err != nil {
		return fail(h.state.Update, err), false
	}
	if spec.Takeover {
		return handOver(h, digest, signals), false
	}
	h.names.adopt(spec.Resolvers)
	service := supervise.New(supervise.Settings{
		Spec: spec, Reaper: reaper, State: h.state, Log: h, Hub: h.hub, Watch: h.tests.begin, Warn: warn,
	})
	if err := h.open(supervisor{service, h}); err != nil {
		return fail(h.state.Update, err), false
	}
	go obey(signals, service)
	code = service.Run(h.closeLog)
	return code, service.Stopped()
}

// hear returns the signals to PID 1 but for those that say nothing: the reaper's, of which there may be many at once, Go's
// own, and that of a console that is gone.
func hear() <-chan os.Signal {
	signals := make(chan os.Signal, 64)
	for s := syscall.Signal(1); s <= lastSignal; s++ {
		switch s {
		case syscall.SIGCHLD, syscall.SIGURG:
		case syscall.SIGPIPE: // is taken from nobody to nobody, for it must not end PID 1
			signal.Notify(make(chan os.Signal, 1), s)
		default:
			signal.Notify(signals, s)
		}
	}
	return signals
}

// lastSignal is SIGRTMAX.
const lastSignal syscall.Signal = 64

// obey does what signals to PID 1 ask for.
func obey(signals <-chan os.Signal, service *supervise.Service) {
	for sig := range signals {
		if s := sig.(syscall.Signal); isStop(s) {
			service.Stop()
		} else {
			service.Forward(s)
		}
	}
}

// isStop tells the signal by which Incus stops a container. Every other one is for the command, as if it were PID 1:
// `kill 1` in the container ends it, and its restart policy decides what follows.
func isStop(s syscall.Signal) bool { return s == syscall.SIGPWR }

// fail is failWith for what icc-init itself could not do.
func fail(update func(func(*initspec.State)), err error) int {
	return failWith(update, err, codeFailed)
}

// failWith records why nothing was run, for people at the console too. It is written at once, for readers take the first
// end that they see.
func failWith(update func(func(*initspec.State)), err error, code int) int {
	warn(err)
	update(func(s *initspec.State) {
		s.Phase, s.Reason, s.Error = initspec.PhaseFailed, initspec.ReasonStartFailed, err.Error()
		s.ExitCode, s.FinishedAt = code, time.Now().UTC()
	})
	return code
}
