package main

import (
	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/engine"
)

func restartCommand() *cli.Command {
	return command(&cli.Command{
		Name: "restart", Usage: "Stop and start instances", ArgsUsage: "[SERVICE...]",
		Flags: []cli.Flag{
			timeoutFlag(),
			&cli.BoolFlag{Name: "no-deps", Usage: "leave the services alone that ask to be restarted with the named ones"},
			dryRunFlag(),
		},
		Action: func(c *cli.Context) error { return power(c, engine.Restart) },
	})
}
