package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/resource"
)

// goal is engine.Start, engine.Stop or engine.Restart.
type goal func(*engine.Model, *engine.Observation, engine.PowerOptions) *engine.Plan

// power runs a goal on the existing instances of the named services.
func power(c *cli.Context, g goal) error {
	s, err := open(c, namedProject(c), []resource.Kind{resource.KindInstance})
	if err != nil {
		return err
	}
	defer s.Close()
	s.host.Prefetch(resource.KindProject) // which has the lock
	return s.pursue(c.Context, func(ctx context.Context) (*engine.Plan, error) {
		opts := stopOptions(c)
		o, err := s.engine.ObserveFrom(ctx, s.glance, engine.NewModel(nil), []resource.Kind{resource.KindInstance}, opts)
		if err != nil {
			return nil, err
		}
		all, err := instancesOf(o)
		if err != nil {
			return nil, err
		}
		list, err := s.pick(all, c.Args().Slice())
		if err != nil {
			return nil, err
		}
		if len(list) == 0 && c.Command.Name == "start" {
			return nil, resource.ErrNotFound.WithText("there is nothing to start").WithHint("`icc up` creates the services, and starts them")
		}
		return g(engine.NewModel(nil), o, engine.PowerOptions{
			Select: selection(list), NoDependents: c.Bool("no-deps"), Wait: c.Bool("wait"), Options: opts,
		}), nil
	})
}

// stopOptions reads --timeout: without it services have their own grace periods, and 0 leaves no time at all.
func stopOptions(c *cli.Context) resource.Options {
	n := c.Int("timeout")
	opts := resource.NewOptions(resource.OptionTimeout(seconds(n)))
	opts.Force = c.IsSet("timeout") && n <= 0
	opts.DependencyTimeout = seconds(c.Int("wait-timeout"))
	return opts
}

func timeoutFlag() cli.Flag {
	return &cli.IntFlag{Name: "timeout", Aliases: []string{"t"}, Usage: "stop services with a grace period of `SECONDS`"}
}
