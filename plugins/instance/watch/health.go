package watch

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/icc-project/icc/plugins/instance/health"
	"github.com/icc-project/icc/plugins/instance/observe"
	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// verdict is a health status and the run of the instance that it is about.
type verdict struct{ run, status string }

// runs sees to the health test of a running instance.
func (g *guard) runs(ctx context.Context) {
	g.alone, g.restart = time.Time{}, nil
	test := spec.Healthcheck(g.inst.Config)
	if test == nil || g.inst.Config[resource.HealthStoppedKey] == "true" {
		g.prober = g.prober.stop()
		return
	}
	argv, err := health.Command(test.Test)
	if err != nil {
		g.w.say(resource.LevelWarning, g.key, err.Error())
		return
	}
	if run := observe.Run(g.inst); g.health.run != run || g.health.status == resource.HealthStopped {
		g.prober = g.prober.stop()
		g.health = verdict{run: run, status: known(g.inst.Config, run)}
		g.w.say(resource.LevelInfo, g.key, "is "+g.health.status)
	}
	if !g.prober.runs(*test) {
		g.prober.stop()
		g.prober = g.probe(ctx, *test, argv)
	}
	g.record(ctx)
}

// known is what was found out of a run earlier: by another daemon, or before this one was started again.
func known(config map[string]string, run string) string {
	status := config[resource.HealthStatusKey]
	if config[observe.KeyHealthRun] == run && (status == resource.HealthHealthy || status == resource.HealthUnhealthy) {
		return status
	}
	return resource.HealthStarting
}

// prober is the repetition of one health test for one run of an instance. Its methods work on nil, which does nothing.
type prober struct {
	check  kinds.Healthcheck
	cancel context.CancelFunc
	found  chan health.Finding
	done   chan struct{}
}

// probe begins to test.
func (g *guard) probe(ctx context.Context, check kinds.Healthcheck, argv []string) *prober {
	ctx, cancel := context.WithCancel(ctx)
	p := &prober{check: check, cancel: cancel, found: make(chan health.Finding), done: make(chan struct{})}
	inst := g.inst
	m := health.Monitor{
		Check: check, Started: inst.LastUsedAt, Status: g.health.status,
		Test: func(ctx context.Context) (int, string, error) { return g.w.Instances.Test(ctx, inst, argv) },
		Report: func(f health.Finding) {
			select {
			case p.found <- f:
			case <-ctx.Done():
			}
		},
	}
	go func() {
		defer close(p.done)
		_ = m.Run(ctx) // why it ends is seen by the look at the instance
	}()
	return p
}

// runs says whether the prober repeats that very test.
func (p *prober) runs(check kinds.Healthcheck) bool {
	return p != nil && reflect.DeepEqual(p.check, check)
}

func (p *prober) stop() *prober {
	if p != nil {
		p.cancel()
	}
	return nil
}

func (p *prober) findings() <-chan health.Finding {
	if p == nil {
		return nil
	}
	return p.found
}

func (p *prober) ended() <-chan struct{} {
	if p == nil {
		return nil
	}
	return p.done
}

// found takes a finding in.
func (g *guard) found(ctx context.Context, f health.Finding) {
	g.health.status = f.Status
	text, level := "is "+f.Status, resource.LevelInfo
	if f.Status == resource.HealthUnhealthy {
		level = resource.LevelWarning
		text += fmt.Sprintf(": its health test has failed %d times in a row", f.Failures)
		if output := strings.TrimSpace(f.Output); output != "" {
			text += "; its last output: " + output
		}
	}
	g.w.say(level, g.key, text)
	g.record(ctx)
}

// record writes the status when it is another one than the server has. An instance that has changed under it is looked
// at again, and a server that is away is asked again.
func (g *guard) record(ctx context.Context) {
	keys := map[string]string{resource.HealthStatusKey: g.health.status, observe.KeyHealthRun: g.health.run}
	g.write(ctx, keys, false)
}

// mark lets others know that the instance is watched.
func (g *guard) mark(ctx context.Context) {
	g.write(ctx, map[string]string{resource.HealthDaemonKey: "true"}, true)
}

// unmark takes the mark away. Failing to leaves it to the next daemon.
func (g *guard) unmark(ctx context.Context) {
	if g.inst != nil && g.inst.Config[resource.HealthDaemonKey] == "true" {
		g.write(ctx, map[string]string{resource.HealthDaemonKey: ""}, true)
	}
}

func (g *guard) write(ctx context.Context, keys map[string]string, anyRun bool) {
	same := true
	for key, value := range keys {
		same = same && g.inst.Config[key] == value
	}
	if same {
		return
	}
	err := g.w.Instances.Write(ctx, g.inst, keys, anyRun)
	switch {
	case err == nil:
		for key, value := range keys {
			g.inst.Config[key] = value
		}
	case ctx.Err() != nil, errors.Is(err, resource.ErrNotFound):
	default:
		if !errors.Is(err, resource.ErrConflict) && !errors.Is(err, resource.ErrConnectionFailed) {
			g.w.say(resource.LevelWarning, g.key, "could not be written to: "+err.Error())
		}
		g.recheck = time.After(another)
	}
}
