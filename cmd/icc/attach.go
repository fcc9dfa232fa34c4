package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/term"

	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/resource"
)

type ctx = context.Context

// killGrace bounds the killing after a second Ctrl-C.
const killGrace = 30 * time.Second

// attach shows the logs of the services that were brought up until they end or the user interrupts. The first
// interrupt stops the services, a second one kills them; nothing is deleted.
func (s *session) attach(logs *logPrinter) error {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)

	services := s.cli.Args().Slice()
	list, err := s.instances(s.cli.Context)
	if err != nil {
		return err
	}
	if list, err = ofServices(list, services); err != nil {
		return err
	}
	opts := resource.NewOptions(resource.OptionFollow())
	err = s.followLogs(s.cli.Context, logs, s.attached(list), opts)
	if s.cli.Context.Err() == nil {
		return err
	}
	drain(signals)
	if isTerminal(os.Stderr) {
		fmt.Fprintln(os.Stderr) // the terminal has just shown ^C
	}
	s.note([]resource.Diagnostic{{Severity: resource.SeverityInfo, Text: "Stopping; press Ctrl-C again to kill"}})
	return s.stopAfterInterrupt(signals, list)
}

// attached leaves out the services that say `attach: false`.
func (s *session) attached(list []instance) []instance {
	return slices.DeleteFunc(slices.Clone(list), func(i instance) bool {
		return slices.Contains(s.project.translation.Unattached, i.Service)
	})
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

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

func (s *session) stopAfterInterrupt(signals <-chan os.Signal, list []instance) error {
	graceful, kill := context.WithCancel(context.WithoutCancel(s.cli.Context))
	defer kill()
	go func() {
		<-signals
		kill()
	}()
	opts := stopOptions(s.cli)
	err := s.stopInstances(graceful, list, opts)
	if graceful.Err() != nil {
		opts.Force = true
		hard, done := context.WithTimeout(context.WithoutCancel(s.cli.Context), killGrace)
		defer done()
		err = s.stopInstances(hard, list, opts)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return exitCode(exitInterrupted)
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

// followLogs runs the log action of all instances at once.
func (s *session) followLogs(ctx ctx, logs *logPrinter, list []instance, opts resource.Options) error {
	logs.prepare(list)
	g, gctx := errgroup.WithContext(ctx)
	for _, i := range list {
		g.Go(func() error {
			err := s.engine.Run(gctx, i.State, resource.ActionLog, opts)
			if errors.Is(err, context.Canceled) {
				return nil
			}
			return err
		})
	}
	err := g.Wait()
	logs.flush()
	return err
}
