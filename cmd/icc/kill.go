package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/compose"
	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func killCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "kill",
		Usage:     "Send a signal to the services' processes, SIGKILL unless said otherwise",
		ArgsUsage: "[SERVICE...]",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "signal", Aliases: []string{"s"}, Usage: "send `SIGNAL`, a name or a number", Value: "SIGKILL"},
			removeOrphansFlag(),
			dryRunFlag(),
		},
		Action: kill,
	})
}

func kill(c *cli.Context) error {
	signal := c.String("signal")
	if err := checkSignal(signal); err != nil {
		return err
	}
	s, err := open(c, namedProject(c), []resource.Kind{resource.KindInstance})
	if err != nil {
		return err
	}
	defer s.Close()
	list, err := s.servicesInstances(c.Args().Slice())
	if err != nil {
		return err
	}
	request, err := json.Marshal(kinds.KillRequest{Signal: signal})
	if err != nil {
		return fmt.Errorf("writing the request to kill: %w", err)
	}
	if list = running(list); len(list) == 0 {
		s.note([]resource.Diagnostic{{Severity: resource.SeverityInfo, Text: "nothing is running that could be killed"}})
	}
	if err := s.onEach(c.Context, list, kinds.CallKill, func(i instance) error {
		_, err := s.engine.Call(c.Context, i.State, kinds.CallKill, request)
		return err
	}); err != nil || !c.Bool("remove-orphans") {
		return err
	}
	return s.removeOrphans(c.Context)
}

// checkSignal refuses what is no signal before anything is asked.
func checkSignal(s string) error {
	if compose.IsSignal(s) {
		return nil
	}
	return &usageError{command: "kill", text: fmt.Sprintf("%q is no signal", s), hint: compose.SignalHint}
}

// running returns the instances whose processes run, or will be started again.
func running(list []instance) []instance {
	return slices.DeleteFunc(slices.Clone(list), func(i instance) bool { return !i.runs() })
}

// removeOrphans removes the instances of services that the compose files do not have.
func (s *session) removeOrphans(ctx ctx) error {
	opts := resource.NewOptions()
	opts.Force = true
	plan := func(ctx context.Context) (*engine.Plan, error) {
		o, err := s.engine.Observe(ctx, engine.NewModel(nil), []resource.Kind{resource.KindInstance}, opts)
		if err != nil {
			return nil, err
		}
		all, err := instancesOf(o)
		if err != nil {
			return nil, err
		}
		orphans := slices.DeleteFunc(all, func(i instance) bool { return s.project.hasService(i.Service) })
		return engine.Down(engine.NewModel(nil), o, engine.DownOptions{Select: selection(orphans), Options: opts}), nil
	}
	if p, err := plan(ctx); err != nil || p.Empty() {
		return err
	}
	return s.pursue(ctx, plan)
}
