package serve

import (
	"context"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/icc-project/icc/sdk/wire"
)

// grace is how long running calls may take to end after their contexts have ended. The host waits a little longer.
const grace = 2500 * time.Millisecond

// lifetime ends the process when the host does not need it any more, but not before running calls have ended.
type lifetime struct {
	ctx    context.Context // of all calls
	cancel context.CancelFunc
	logger hclog.Logger

	orphan  atomic.Bool // nobody is there to clean up after the plugin
	ended   sync.Once
	mu      sync.Mutex
	calls   int
	drained chan struct{} // closed when the last call ends; nil before drain
}

func newLifetime(logger hclog.Logger) *lifetime {
	ctx, cancel := context.WithCancel(hclog.WithContext(context.Background(), logger))
	return &lifetime{ctx: ctx, cancel: cancel, logger: logger}
}

// watchSignals ends the process on SIGTERM, which a host sends, and on SIGHUP, which the kernel sends for a host that
// is dying. SIGINT is the host's affair, and SIGPIPE must not end the plugin in the middle of its clean-up. They are
// caught and not ignored, because child processes inherit what is ignored.
func (l *lifetime) watchSignals() {
	ch := make(chan os.Signal, 4)
	signal.Notify(ch, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT, syscall.SIGPIPE)
	go func() {
		for s := range ch {
			switch s {
			case syscall.SIGTERM:
				l.finish("the plugin was asked to end")
			case syscall.SIGHUP:
				l.abandoned("the host is dying")
			}
		}
	}()
}

// watchLifeline ends the process when the host's end of the lifeline closes, also before any connection was made.
// Hosts that give no lifeline are watched through their connection alone.
func (l *lifetime) watchLifeline() {
	fd, err := strconv.Atoi(os.Getenv(wire.LifelineEnv))
	if err != nil || fd < 3 {
		return
	}
	_ = os.Unsetenv(wire.LifelineEnv)
	_ = os.Unsetenv(wire.HostEnv) // what the plugin starts is not the plugin
	syscall.CloseOnExec(fd)
	line := os.NewFile(uintptr(fd), "lifeline")
	if line == nil {
		return
	}
	go func() {
		for {
			if _, err := line.Read(make([]byte, 1)); err != nil {
				l.abandoned("the host is gone")
			}
		}
	}()
}

// begin counts a call; the returned function ends it.
func (l *lifetime) begin() func() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.calls--
		if l.calls == 0 && l.drained != nil {
			close(l.drained)
			l.drained = nil
		}
	}
}

// drain returns a channel that is closed when no call is running.
func (l *lifetime) drain() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	ch := make(chan struct{})
	if l.calls == 0 {
		close(ch)
	} else {
		l.drained = ch
	}
	return ch
}

// abandoned is finish for a plugin whose host will not clean up after it. A host that lives ends a plugin by SIGTERM
// and the rest of its group itself.
func (l *lifetime) abandoned(why string) {
	l.orphan.Store(true)
	l.finish(why)
}

// finish ends all contexts, waits for the calls as long as grace allows, and ends the process. It does not return.
func (l *lifetime) finish(why string) {
	l.ended.Do(func() {
		l.logger.Debug("ending", "reason", why)
		l.cancel()
		select {
		case <-l.drain():
		case <-time.After(grace):
			l.logger.Warn("calls did not end in time")
		}
		if l.orphan.Load() {
			removeSockets()
			killGroup()
		}
		os.Exit(0)
	})
	select {} // another goroutine is at it
}

// killGroup ends the children that were left in the plugin's own process group, and the plugin with them. A host that
// lives does so itself when the plugin has ended.
func killGroup() {
	if syscall.Getpgrp() != os.Getpid() {
		return // the group is somebody else's
	}
	signal.Ignore(syscall.SIGTERM)
	_ = syscall.Kill(0, syscall.SIGTERM)
	time.Sleep(100 * time.Millisecond)
	_ = syscall.Kill(0, syscall.SIGKILL)
}
