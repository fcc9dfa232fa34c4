package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func waitCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "wait",
		Usage:     "Wait until the services' processes have ended, and exit like the first that failed",
		ArgsUsage: "SERVICE [SERVICE...]",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "down-project", Usage: "bring the project down as soon as the first has ended"},
		},
		Action: runWait,
	})
}

func runWait(c *cli.Context) error {
	if c.NArg() == 0 {
		return &usageError{command: "wait", text: "wait needs a service"}
	}
	s, err := open(c, namedProject(c), usualKinds)
	if err != nil {
		return err
	}
	defer s.Close()
	list, err := s.servicesInstances(c.Args().Slice())
	if err != nil {
		return err
	}
	code, err := s.waitFor(c.Context, list, c.Bool("down-project"))
	if err != nil {
		return err
	}
	if c.Bool("down-project") {
		if err := s.downAll(c.Context); err != nil {
			return err
		}
	}
	return orExitCode(code, nil)
}

// end is how one instance's process ended.
type end struct {
	instance instance
	exit     kinds.Exit
	// known is false when nobody can tell.
	known bool
	err   error
}

// waitFor prints each exit code as it comes and returns the first that is not 0. With one it waits for the first only.
func (s *session) waitFor(ctx ctx, list []instance, one bool) (int, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ends := make(chan end, len(list))
	for _, i := range list {
		go func() { ends <- s.settledEnd(ctx, i) }()
	}
	code := 0
	for range list {
		e := <-ends
		if e.err != nil {
			return 0, e.err
		}
		fmt.Fprintf(s.cli.App.Writer, "container %q exited with status code %d\n", e.instance.name(), e.exit.Code)
		if code == 0 {
			code = e.exit.Code
		}
		if one {
			break
		}
	}
	return code, nil
}

// end waits until the instance's process has ended for good.
func (s *session) end(ctx ctx, i instance) end { return s.exit(ctx, i, nil) }

// settledEnd is end for those who start the instance again next: the server knows of it, too.
func (s *session) settledEnd(ctx ctx, i instance) end {
	request, err := json.Marshal(kinds.ExitRequest{Settled: true})
	if err != nil {
		return end{instance: i, err: fmt.Errorf("writing the request to wait: %w", err)}
	}
	return s.exit(ctx, i, request)
}

func (s *session) exit(ctx ctx, i instance, request json.RawMessage) end {
	answer, err := s.engine.Call(ctx, i.State, kinds.CallExit, request)
	if ctx.Err() != nil {
		return end{instance: i, err: ctx.Err()}
	}
	e := end{instance: i, err: err}
	if err == nil {
		if err := json.Unmarshal(answer, &e.exit); err != nil {
			e.err = fmt.Errorf("reading how %s ended: %w", i.name(), err)
		}
	}
	return e
}

// downAll is `icc down` of everything but volumes and images.
func (s *session) downAll(ctx ctx) error {
	s.glance = nil // it is older than the wait
	return s.pursue(ctx, func(ctx context.Context) (*engine.Plan, error) {
		opts := resource.NewOptions()
		m, o, err := s.survey(ctx, opts)
		if err != nil {
			return nil, err
		}
		return s.planDown(m, o, engine.DownOptions{Options: opts, KeepOrphans: true})
	})
}
