package console

import (
	"context"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/observe"
	sdkincus "github.com/icc-project/icc/sdk/incus"
)

// The pauses between two readings while following: short while something is being written, longer when it is quiet.
const (
	shortPause = 100 * time.Millisecond
	longPause  = 800 * time.Millisecond
)

// follow shows what is added until the instance has stopped.
func (l *Log) follow(ctx context.Context, inst *api.Instance) error {
	pause, stopped := shortPause, 0
	for {
		if sdkincus.Pause(ctx, pause) != nil {
			return nil
		}
		text, err := l.Collect(ctx, inst)
		if err != nil {
			return err
		}
		if len(text) < l.shown {
			l.shown = 0 // the store has dropped its older half; repeat rather than miss
		}
		fresh := text[l.shown:]
		l.shown = len(text)
		if fresh = whole(fresh, &l.shown); len(fresh) > 0 {
			l.put(l.clean(fresh))
			pause, stopped = shortPause, 0
			continue
		}
		if pause = min(2*pause, longPause); pause < longPause {
			continue
		}
		if stopped, err = l.countStopped(stopped); err != nil || stopped > 1 {
			return err
		}
	}
}

// countStopped counts how often in a row the instance was found stopped. Once may be the moment of an automatic
// restart.
func (l *Log) countStopped(before int) (int, error) {
	inst, _, err := observe.Get(l.Server, l.Name)
	if err != nil {
		return 0, err
	}
	if inst.StatusCode == api.Stopped {
		return before + 1, nil
	}
	return 0, nil
}
