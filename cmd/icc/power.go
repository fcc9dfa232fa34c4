package main

import (
	"time"

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
	if err := s.takeTurn(c.Context); err != nil {
		return err
	}
	opts := stopOptions(c)
	o, err := s.engine.ObserveFrom(c.Context, s.glance, engine.NewModel(nil), []resource.Kind{resource.KindInstance}, opts)
	if err != nil {
		return err
	}
	all, err := instancesOf(o)
	if err != nil {
		return err
	}
	list, err := s.pick(all, c.Args().Slice())
	if err != nil {
		return err
	}
	p := g(engine.NewModel(nil), o, engine.PowerOptions{Select: selection(list), Options: opts})
	return s.apply(c.Context, p)
}

// stopOptions reads --timeout: without it services have their own grace periods, and 0 leaves no time at all.
func stopOptions(c *cli.Context) resource.Options {
	seconds := c.Int("timeout")
	opts := resource.NewOptions(resource.OptionTimeout(time.Duration(seconds) * time.Second))
	opts.Force = c.IsSet("timeout") && seconds <= 0
	return opts
}

func timeoutFlag() cli.Flag {
	return &cli.IntFlag{Name: "timeout", Aliases: []string{"t"}, Usage: "stop services with a grace period of `SECONDS`"}
}
