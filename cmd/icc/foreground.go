package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/resource"
)

type ctx = context.Context

const (
	// killGrace bounds the killing after a second Ctrl-C.
	killGrace = 30 * time.Second
	// lastLines bounds the wait for the log of an instance whose process has ended; it ends by itself, and sooner.
	lastLines = 20 * time.Second
)

// foreground is an `up` that stays: it shows logs until all processes have ended, one of them decides that it is over,
// or the user interrupts. The first interrupt stops the services, a second one kills them; nothing is deleted.
type foreground struct {
	s       *session
	logs    *logPrinter
	verdict *verdict
	// list are the instances it is about, shown those whose logs are printed.
	list, shown []instance
	// begin is when the run began; logs of earlier ones are not shown.
	begin time.Time
}

// stay shows the services that were brought up.
func (f *foreground) stay() error {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	f.logs.prepare(f.shown)
	if len(f.shown) > 0 {
		f.s.note([]resource.Diagnostic{{Severity: resource.SeverityInfo, Text: "Attaching to " + namesOf(f.shown)}})
	}

	// Logs go on while the services stop.
	watching, forget := context.WithCancel(context.WithoutCancel(f.s.cli.Context))
	defer forget()
	ends := make(chan end, len(f.list))
	for _, i := range f.list {
		go func() { ends <- f.watch(watching, i) }()
	}
	var errs []error
	var ended []instance
	for left := len(f.list); left > 0; {
		select {
		case <-f.s.cli.Context.Done():
			if outputFailed(f.s.cli.Context) {
				return context.Cause(f.s.cli.Context) // the services go on, as they do after a broken pipe
			}
			return f.interrupted(signals, ends, left)
		case e := <-ends:
			left--
			errs = append(errs, e.err)
			if e.known {
				ended = append(ended, e.instance)
			}
			if f.ended(e) {
				fmt.Fprintln(f.logs.out, "Aborting on container exit...")
				return f.abort(signals, ends, left)
			}
		}
	}
	f.settle(ended)
	return f.result(errors.Join(errs...))
}

// settle waits until the server knows of the ends, too: an `up` that follows would take what has ended for running.
func (f *foreground) settle(ended []instance) {
	var wg sync.WaitGroup
	for _, i := range ended {
		wg.Go(func() { f.s.settledEnd(f.s.cli.Context, i) })
	}
	wg.Wait()
}

// ended says how a process ended, and whether that is the end of the run.
func (f *foreground) ended(e end) bool {
	if e.err != nil || !e.known {
		return false
	}
	text := fmt.Sprintf("exited with code %d", e.exit.Code)
	if e.exit.Error != "" {
		text += ": " + e.exit.Error
	}
	f.logs.status(e.instance, text)
	return f.verdict.ended(e.instance.Service, e.exit.Code)
}

// watch shows an instance's log until its process has ended. Where nobody can tell about the process, the log ends with
// the instance.
func (f *foreground) watch(ctx ctx, i instance) end {
	logCtx, stopLog := context.WithCancel(ctx)
	defer stopLog()
	log := make(chan error, 1)
	shown := slices.ContainsFunc(f.shown, func(s instance) bool { return s.Ref == i.Ref })
	if shown {
		go func() { log <- f.follow(logCtx, f.s.engine, i) }()
	}
	e := f.s.end(ctx, i)
	e.known = e.err == nil
	switch {
	case errors.Is(e.err, resource.ErrUnsupportedAction), errors.Is(e.err, resource.ErrNotFound):
		e.err = nil
		if !shown {
			log <- f.follow(logCtx, f.s.silent(), i)
		}
	case !shown:
		return e
	default:
		defer time.AfterFunc(lastLines, stopLog).Stop()
	}
	e.err = errors.Join(e.err, <-log)
	return e
}

func (f *foreground) follow(ctx ctx, e *engine.Engine, i instance) error {
	opts := resource.NewOptions(resource.OptionFollow())
	opts.Timestamps = true // see splitter
	// A remote server has a clock of its own.
	if !f.s.conn.IsRemote() {
		opts.Since = f.begin.UTC().Format(time.RFC3339Nano)
	} else if !i.StartedAt.IsZero() {
		opts.Since = i.StartedAt.Add(-time.Second).UTC().Format(time.RFC3339Nano)
	}
	err := e.Run(ctx, i.State, resource.ActionLog, opts)
	f.logs.flush(i.Ref)
	if ctx.Err() != nil || errors.Is(err, resource.ErrNotFound) {
		return nil
	}
	return err
}

// interrupted stops the services after a Ctrl-C.
func (f *foreground) interrupted(signals chan os.Signal, ends <-chan end, left int) error {
	drain(signals)
	if isTerminal(os.Stderr) {
		fmt.Fprintln(os.Stderr) // the terminal has just shown ^C
	}
	f.s.note([]resource.Diagnostic{{Severity: resource.SeverityInfo, Text: "Stopping; press Ctrl-C again to kill"}})
	if err := f.stop(signals, ends, left); err != nil {
		return err
	}
	return exitCode(exitInterrupted)
}

// abort stops the services because one of them has ended.
func (f *foreground) abort(signals chan os.Signal, ends <-chan end, left int) error {
	return f.result(f.stop(signals, ends, left))
}

func (f *foreground) result(err error) error { return orExitCode(f.verdict.code(), err) }

// stop stops the services, kills them after a second signal, and waits for what they have to say.
func (f *foreground) stop(signals <-chan os.Signal, ends <-chan end, left int) error {
	graceful, kill := context.WithCancel(context.WithoutCancel(f.s.cli.Context))
	defer kill()
	go func() {
		<-signals
		kill()
	}()
	opts := stopOptions(f.s.cli)
	err := f.s.stopInstances(graceful, f.list, opts)
	if graceful.Err() != nil {
		opts.Force = true
		hard, done := context.WithTimeout(context.WithoutCancel(f.s.cli.Context), killGrace)
		defer done()
		err = f.s.stopInstances(hard, f.list, opts)
	}
	for limit := time.After(lastLines); left > 0; left-- {
		select {
		case e := <-ends:
			f.ended(e)
		case <-limit:
			left = 1
		}
	}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func (s *session) stopInstances(ctx ctx, list []instance, opts resource.Options) error {
	m, err := s.engine.Resolve(ctx, s.project.translation.Declarations)
	if err != nil {
		return err
	}
	o, err := s.engine.Observe(ctx, engine.NewModel(nil), []resource.Kind{resource.KindInstance}, opts)
	if err != nil {
		return err
	}
	_, err = s.engine.Apply(ctx, engine.Stop(m, o, engine.PowerOptions{Select: selection(list), Options: opts}))
	return err
}

// drain drops the signal that ended the context.
func drain(signals <-chan os.Signal) {
	for {
		select {
		case <-signals:
		case <-time.After(10 * time.Millisecond):
			return
		}
	}
}
