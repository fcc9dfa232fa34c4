package watch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/resource"
)

// another is the pause before an instance is looked at again after the server did not do what it was asked for.
const another = time.Second

// guard looks after one instance. What is below mail belongs to the goroutine in run.
type guard struct {
	w    *Watcher
	key  Key
	mail *mailbox
	gone chan struct{} // closed when the instance does not exist any more

	// inst is how the instance looked last; nil when it is not, or no more, one to watch.
	inst *api.Instance
	// stranger is set once it is known that the instance is none of this watcher's business.
	stranger bool
	health   verdict
	prober   *prober
	series   series
	// alone is when the instance ended without that anybody asked for it; zero when it did not.
	alone time.Time
	// begun says that the instance was started, and was neither seen running since nor heard to end.
	begun bool
	// down is since when an instance that has begun is known to be stopped; zero when it is not.
	down time.Time
	// starting says that the next start is the guard's own.
	starting bool
	// restart and recheck are when something is due; nil when nothing is.
	restart, recheck <-chan time.Time
}

func newGuard(w *Watcher, key Key) *guard {
	return &guard{w: w, key: key, mail: newMailbox(), gone: make(chan struct{})}
}

func (g *guard) post(e Event) { g.mail.post(e) }

// dismiss ends the guard of an instance that does not exist any more.
func (g *guard) dismiss() { close(g.gone) }

// run works until ctx ends or the guard is dismissed.
func (g *guard) run(ctx context.Context) {
	defer func() { g.prober.stop() }()
	for {
		select {
		case <-ctx.Done():
			g.unmark(context.WithoutCancel(ctx))
			return
		case <-g.gone:
			return
		case <-g.mail.arrived:
			g.read(ctx, g.mail.take())
		case f := <-g.prober.findings():
			g.found(ctx, f)
		case <-g.prober.ended():
			g.prober = nil
			g.recheck = time.After(another) // it has stopped, or the server was not there
		case <-g.recheck:
			g.read(ctx, g.mail.take()) // what has arrived meanwhile comes first
		case <-g.restart:
			g.start(ctx)
		}
	}
}

// read takes in what has happened and looks at the instance.
func (g *guard) read(ctx context.Context, events []Event) {
	var inst *api.Instance
	for _, e := range events {
		g.remember(e)
		inst = e.Instance
	}
	if g.stranger || len(events) > 0 && events[len(events)-1].Action == actionLost {
		return
	}
	g.look(ctx, inst)
}

// remember notes what the instance itself does not tell: who has ended or started it.
func (g *guard) remember(e Event) {
	switch e.Action {
	case actionListed, actionLost:
		g.begun = false // what ended it later may have been a stop, of which nothing was heard
	case actionShutdown, actionStopped:
		g.alone, g.begun = e.At, false
		if e.Asked {
			g.alone, g.restart, g.series = time.Time{}, nil, series{}
		}
	case actionStarted, actionRestarted:
		g.alone = time.Time{}
		g.begins()
		switch {
		case !e.Asked && e.Action == actionStarted: // when it has come up again
			g.series = series{}
			g.w.say(resource.LevelInfo, g.key, "was started by the server")
		case !e.Asked: // see boot.autorestart
			g.series.count++
			g.w.say(resource.LevelInfo, g.key, "has ended by itself and was restarted by the server")
		case g.starting:
			g.starting = false
		default:
			g.series = series{}
		}
	}
}

// look reads the instance, unless it was read just now, and does what it needs.
func (g *guard) look(ctx context.Context, inst *api.Instance) {
	g.recheck = nil
	if inst == nil {
		var err error
		inst, err = g.w.Instances.Get(ctx, g.key)
		switch {
		case errors.Is(err, resource.ErrNotFound):
			g.rest()
			return
		case err != nil:
			g.recheck = time.After(another)
			return
		}
	}
	if g.stranger = !g.w.concerns(inst); g.stranger {
		g.rest()
		return
	}
	if !g.w.mine(inst) {
		g.inst = inst
		g.unmark(ctx)
		g.rest()
		return
	}
	if observe.Running(inst.StatusCode) && inst.LastUsedAt.Before(g.alone) {
		g.recheck = time.After(another) // the server is still at it
		return
	}
	if g.undecided(inst) {
		g.prober = g.prober.stop()
		g.recheck = time.After(another)
		return
	}
	before := g.inst
	g.inst = inst
	g.mark(ctx)
	switch {
	case observe.Running(inst.StatusCode):
		g.runs(ctx)
	case inst.StatusCode == api.Stopped:
		g.hasStopped(ctx, before)
	default: // frozen, or on the way
		g.prober = g.prober.stop()
	}
}

// rest is for an instance that is not to be watched.
func (g *guard) rest() {
	g.prober = g.prober.stop()
	g.inst, g.restart, g.recheck = nil, nil, nil
}

// hasStopped records the end and decides about a restart.
func (g *guard) hasStopped(ctx context.Context, before *api.Instance) {
	g.prober = g.prober.stop()
	if observe.NeverStarted(g.inst) {
		return
	}
	if spec.Healthcheck(g.inst.Config) != nil {
		g.health = verdict{run: observe.Run(g.inst), status: resource.HealthStopped}
		g.record(ctx)
	}
	watched := before != nil && observe.Running(before.StatusCode)
	switch {
	case !g.alone.IsZero():
		ran := g.alone.Sub(g.inst.LastUsedAt)
		g.alone = time.Time{}
		g.again(ran)
	case watched && g.restart == nil:
		g.w.say(resource.LevelInfo, g.key, "has stopped")
	}
}

// again plans a restart if the policy is for it.
func (g *guard) again(ran time.Duration) {
	p := parsePolicy(g.inst.Config[spec.KeyRestart])
	made := g.series.count
	delay, ok := g.series.next(p, ran)
	switch {
	case ok:
		g.restart = time.After(delay)
		g.w.say(resource.LevelInfo, g.key, fmt.Sprintf("has ended by itself and will be started again in %s", delay))
	case p.again:
		g.w.say(resource.LevelWarning, g.key, fmt.Sprintf("has ended by itself and stays stopped: it was restarted %d times already", made))
	default:
		g.w.say(resource.LevelInfo, g.key, "has ended by itself")
	}
}

// start starts the instance again, unless somebody else has done so or does not want it any more.
func (g *guard) start(ctx context.Context) {
	g.restart = nil
	inst, err := g.w.Instances.Get(ctx, g.key)
	if err == nil && (inst.StatusCode != api.Stopped || !g.w.mine(inst) || !parsePolicy(inst.Config[spec.KeyRestart]).again) {
		g.look(ctx, inst)
		return
	}
	if err == nil {
		g.starting = true
		err = g.w.Instances.Start(ctx, inst)
	}
	switch {
	case err == nil:
		g.w.say(resource.LevelInfo, g.key, "was restarted")
		g.begins()
		g.look(ctx, nil)
	case ctx.Err() != nil, errors.Is(err, resource.ErrNotFound):
	default:
		g.starting = false
		delay := g.series.longer()
		g.restart = time.After(delay)
		g.w.say(resource.LevelWarning, g.key, fmt.Sprintf("could not be started, which is tried again in %s: %v", delay, err))
	}
}
