package console

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	incus "github.com/lxc/incus/v6/client"

	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/sdk/resource"
)

// The pauses between two readings while following: short while something is being written, longer when it is quiet.
const (
	shortPause = 100 * time.Millisecond
	longPause  = time.Second
)

// Log is the console of one instance and how to show it.
type Log struct {
	Server incus.InstanceServer
	Name   string
	// Tail is the number of lines to begin with; negative means all.
	Tail int
	// Follow goes on until the context ends or the instance has stopped.
	Follow bool
	// TTY keeps the line ends of a terminal.
	TTY  bool
	Sink resource.Sink
}

// Write passes the log on to the sink.
func (l Log) Write(ctx context.Context) error {
	seen, err := l.read(ctx)
	if err != nil {
		return l.gone(err)
	}
	l.put(Tail(seen, l.Tail))
	pause, stopped := shortPause, 0
	for l.Follow {
		if !sleep(ctx, pause) {
			return nil
		}
		now, err := l.read(ctx)
		if err != nil {
			return l.gone(err)
		}
		added, lost := fresh(seen, now)
		if lost {
			l.Sink.Notice(resource.LevelWarning, "lines of "+l.Name+" were lost: it writes faster than its console is read")
		}
		l.put(added)
		seen = now
		if len(added) > 0 {
			pause, stopped = shortPause, 0
			continue
		}
		if pause = min(2*pause, longPause); pause < longPause {
			continue
		}
		if stopped, err = l.countStopped(stopped); err != nil || stopped > 1 {
			return l.gone(err)
		}
	}
	return nil
}

// countStopped counts how often in a row the instance was found stopped. Once may be the moment of an automatic
// restart.
func (l Log) countStopped(before int) (int, error) {
	inst, _, err := observe.Get(l.Server, l.Name)
	if err != nil {
		return 0, err
	}
	if inst.StatusCode == api.Stopped {
		return before + 1, nil
	}
	return 0, nil
}

// read returns the ring with ordinary line ends. A carriage return at its very end may be half of one.
func (l Log) read(ctx context.Context) ([]byte, error) {
	text, err := Read(ctx, l.Server, l.Name)
	if err != nil || l.TTY {
		return text, err
	}
	return Clean(bytes.TrimSuffix(text, []byte("\r"))), nil
}

func (l Log) put(text []byte) {
	if len(text) > 0 {
		l.Sink.Output(resource.Stdout, text)
	}
}

// gone ends the log of an instance that was deleted without an error.
func (l Log) gone(err error) error {
	if l.Follow && (errors.Is(err, resource.ErrNotFound) || errors.Is(err, context.Canceled)) {
		return nil
	}
	return err
}

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
