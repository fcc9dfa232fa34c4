package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/sync/errgroup"

	"github.com/icc-project/icc/sdk/resource"
)

func logsCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "logs",
		Usage:     "Show what the services print",
		ArgsUsage: "[SERVICE...]",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "follow", Aliases: []string{"f"}, Usage: "keep showing new lines"},
			&cli.StringFlag{Name: "since", Usage: "begin at `TIME`: 2026-11-22T13:23:37Z, or 42m for 42 minutes ago"},
			&cli.StringFlag{Name: "until", Usage: "end at `TIME`: 2026-11-22T13:23:37Z, or 42m for 42 minutes ago"},
			&cli.StringFlag{Name: "tail", Aliases: []string{"n"}, Usage: "begin with the last `NUMBER` lines of each instance, or all", Value: "all"},
			&cli.BoolFlag{Name: "timestamps", Aliases: []string{"t"}, Usage: "print when each line was written"},
			&cli.IntFlag{Name: "index", Usage: "show the instance with this `NUMBER` of the service only"},
			&cli.BoolFlag{Name: "no-log-prefix", Usage: "print without the instances' names"},
			&cli.BoolFlag{Name: "no-color", Usage: "print without colours"},
		},
		Action: logs,
	})
}

func logs(c *cli.Context) error {
	opts, err := logOptions(c)
	if err != nil {
		return err
	}
	index := c.Int("index")
	if c.IsSet("index") && (c.NArg() != 1 || index < 1) {
		return &usageError{command: "logs", text: "--index takes a number from 1, and one service"}
	}
	printer := newLogPrinter(c)
	s, err := open(c, namedProject(c), []resource.Kind{resource.KindInstance}, printer.Handle)
	if err != nil {
		return err
	}
	defer s.Close()
	list, err := s.servicesInstances(c.Args().Slice())
	if err != nil {
		return err
	}
	if index > 0 {
		list = slices.DeleteFunc(list, func(i instance) bool { return i.Number != index || i.OneOff })
		if len(list) == 0 {
			return noSuchIndex(c.Args().First(), index)
		}
	}
	if !opts.Follow {
		return s.mergeLogs(c.Context, printer, list, opts)
	}
	if err := s.followLogs(c.Context, printer, list, opts); err != nil {
		return err
	}
	if c.Context.Err() != nil { // following ends in order when it is interrupted
		return exitCode(exitInterrupted)
	}
	return nil
}

// followLogs prints the logs of all instances as they come.
func (s *session) followLogs(ctx ctx, logs *logPrinter, list []instance, opts resource.Options) error {
	logs.prepare(list)
	g, gctx := errgroup.WithContext(ctx)
	for _, i := range list {
		g.Go(func() error {
			err := s.engine.Run(gctx, i.State, resource.ActionLog, opts)
			logs.flush(i.Ref)
			if errors.Is(err, context.Canceled) {
				return nil
			}
			return err
		})
	}
	return g.Wait()
}

// logOptions reads what to show of the logs.
func logOptions(c *cli.Context) (resource.Options, error) {
	opts := resource.NewOptions()
	opts.Follow, opts.Timestamps = c.Bool("follow"), true // see splitter
	var err error
	if opts.Tail, err = parseTail(c.String("tail")); err != nil {
		return opts, err
	}
	if opts.Since, err = parseTime("since", c.String("since")); err != nil {
		return opts, err
	}
	opts.Until, err = parseTime("until", c.String("until"))
	return opts, err
}

// parseTail reads the value of --tail: a number of lines, or "all" for -1.
func parseTail(s string) (int, error) {
	if s == "" || s == "all" {
		return -1, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0, &usageError{command: "logs", text: fmt.Sprintf("--tail %q is neither a number nor all", s)}
	}
	return n, nil
}

// timeForms are the ones docker takes, in the order of trying. Those without a zone are in this machine's.
var timeForms = [...]string{
	time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02Z07:00", time.DateOnly,
}

// parseTime checks a point in time and returns it in the form of resource.Options: durations are left as they are.
func parseTime(flag, s string) (string, error) {
	if s == "" {
		return "", nil
	}
	if d, err := time.ParseDuration(s); err == nil && d >= 0 {
		return s, nil
	}
	for _, form := range timeForms {
		if at, err := time.ParseInLocation(form, s, time.Local); err == nil {
			return at.UTC().Format(time.RFC3339Nano), nil
		}
	}
	if at, ok := unixTime(s); ok {
		return at.UTC().Format(time.RFC3339Nano), nil
	}
	return "", &usageError{command: "logs", text: fmt.Sprintf("--%s %q is no time", flag, s),
		hint: "write a time like 2026-11-22T13:23:37Z or 2026-11-22, or how long ago, like 90s, 42m or 3h"}
}

// unixTime reads seconds since 1970 with an optional fraction.
func unixTime(s string) (time.Time, bool) {
	whole, fraction, _ := strings.Cut(s, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || len(fraction) > 9 {
		return time.Time{}, false
	}
	nanos, err := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
	return time.Unix(seconds, nanos), err == nil && nanos >= 0
}

// servicesInstances returns the existing instances of the named services. A name that neither the compose files nor
// the server know is an error.
func (s *session) servicesInstances(services []string) ([]instance, error) {
	all, err := s.instances(s.cli.Context)
	if err != nil {
		return nil, err
	}
	return s.pick(all, services)
}

// pick returns the instances of the named services, with servicesInstances' errors.
func (s *session) pick(all []instance, services []string) ([]instance, error) {
	list, err := ofServices(all, services)
	if err != nil {
		if unknown := s.project.knows(services); unknown != nil {
			return nil, unknown
		}
	}
	return list, err
}
