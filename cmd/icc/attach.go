package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

func attachCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "attach",
		Usage:     "Connect to the process of a service's running instance",
		ArgsUsage: "SERVICE",
		Flags: []cli.Flag{
			indexFlag(),
			&cli.BoolFlag{Name: "no-stdin", Usage: "do not pass standard input on"},
			&cli.BoolFlag{Name: "sig-proxy", Usage: "pass signals on to the process", Value: true},
			detachFlag(),
		},
		Action: runAttach,
	})
}

func runAttach(c *cli.Context) error {
	if c.NArg() != 1 {
		return &usageError{command: "attach", text: "attach needs one service"}
	}
	keys, err := parseDetachKeys(c)
	if err != nil {
		return err
	}
	how := connection{detach: keys, keepSignals: !c.Bool("sig-proxy")}
	if !how.keepSignals {
		c.Context = context.WithoutCancel(c.Context) // Ctrl-C is for the process
	}
	s, err := open(c, namedProject(c), []resource.Kind{resource.KindInstance})
	if err != nil {
		return err
	}
	defer s.Close()
	target, err := s.execTarget(c.Args().First(), c.Int("index"))
	if err != nil {
		return err
	}
	tty, stdin := s.standardStreams(target)
	req := sdk.SessionRequest{Verb: sdk.SessionAttach, Stdin: stdin && !c.Bool("no-stdin")}
	req.TTY = tty && req.Stdin && onTerminal()
	code, err := runSession(c.Context, s, target.State, req, how)
	return s.afterAttach(target.State, code, err)
}

// standardStreams says what the process was given: a terminal, and a standard input. Without the compose file its
// input is tried.
func (s *session) standardStreams(i instance) (tty, stdin bool) {
	if s.project.compose == nil {
		return false, true
	}
	service, ok := s.project.compose.Services[i.Service]
	return service.Tty, !ok || service.StdinOpen
}

// cannotRun is the first of the exit codes that a command may have because it could not be run.
const cannotRun = 125

// afterAttach says that a process goes on that was detached from, and passes on the exit code of one that ended. What
// could not be run has said nothing itself.
func (s *session) afterAttach(target resource.State, code int, err error) error {
	if errors.Is(err, errDetached) {
		fmt.Fprintf(os.Stderr, "\r\ndetached from %s, which goes on\r\n", target.IncusName)
		return nil
	}
	if err == nil && code >= cannotRun && code < cannotRun+3 {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(s.cli.Context), lastLines)
		defer cancel()
		if e := s.end(ctx, instance{State: target}); e.exit.Error != "" {
			fmt.Fprintf(os.Stderr, "error: %s\n", e.exit.Error)
		}
	}
	return orExitCode(code, err)
}
