package serve

import (
	"context"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
)

// LifelineEnv names the environment variable with the number of a file descriptor that reports end of file when the
// host is gone, however it went. Hosts that give none are watched through their connection alone.
const LifelineEnv = "ICC_LIFELINE_FD"

// grace is how long running calls may take to end after their contexts have ended.
const grace = 2 * time.Second

// lifetime ends the process when the host does not need it any more, but not before running calls have ended.
type lifetime struct {
	ctx    context.Context // of all calls
	cancel context.CancelFunc
	logger hclog.Logger

	mu    sync.Mutex
	calls int
	idle  chan struct{} // closed when the last call ends after drain was called
	ended sync.Once
}

func newLifetime(logger hclog.Logger) *lifetime {
	ctx, cancel := context.WithCancel(hclog.WithContext(context.Background(), logger))
	return &lifetime{ctx: ctx, cancel: cancel, logger: logger}
}

// watchSignals ends the process on SIGTERM. SIGPIPE is taken too: a host that died must not kill the plugin in the
// middle of its clean-up. Both are caught and not ignored, because ignored signals are inherited by child processes.
func (l *lifetime) watchSignals() {
	ch := make(chan os.Signal, 4)
	signal.Notify(ch, syscall.SIGTERM, syscall.SIGPIPE)
	go func() {
		for s := range ch {
			if s == syscall.SIGTERM {
				l.finish("the plugin was asked to end")
			}
		}
	}()
}

// watchLifeline ends the process when the host's end of the lifeline closes, also before any connection was made.
func (l *lifetime) watchLifeline() {
	fd, err := strconv.Atoi(os.Getenv(LifelineEnv))
	if err != nil || fd < 3 {
		return
	}
	_ = os.Unsetenv(LifelineEnv)
	syscall.CloseOnExec(fd)
	line := os.NewFile(uintptr(fd), "lifeline")
	if line == nil {
		return
	}
	go func() {
		for {
			if _, err := line.Read(make([]byte, 1)); err != nil {
				l.finish("the host is gone")
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
		if l.calls == 0 && l.idle != nil {
			close(l.idle)
			l.idle = nil
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
		l.idle = ch
	}
	return ch
}

// finish ends all contexts, waits for the calls as long as grace allows, and ends the process and, when it leads one,
// its process group. It does not return.
func (l *lifetime) finish(why string) {
	l.ended.Do(func() {
		l.logger.Debug("ending", "reason", why)
		l.cancel()
		select {
		case <-l.drain():
		case <-time.After(grace):
			l.logger.Warn("calls did not end in time")
		}
		endGroup()
		os.Exit(0)
	})
	select {} // somebody else is at it
}

// endGroup terminates the children that were left in the plugin's own process group, which the host gave it.
func endGroup() {
	if syscall.Getpgrp() != os.Getpid() {
		return // started by hand or by a test: the group is somebody else's
	}
	signal.Ignore(syscall.SIGTERM)
	_ = syscall.Kill(0, syscall.SIGTERM)
}
