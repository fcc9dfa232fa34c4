package main

import (
	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/engine"
)

func startCommand() *cli.Command {
	return command(&cli.Command{
		Name: "start", Usage: "Start existing instances", ArgsUsage: "[SERVICE...]",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "wait", Usage: "wait until the services are healthy"},
			&cli.IntFlag{Name: "wait-timeout", Usage: "wait at most `SECONDS` for a service to become healthy"},
			dryRunFlag(),
		},
		Action: func(c *cli.Context) error { return power(c, engine.Start) },
	})
}
