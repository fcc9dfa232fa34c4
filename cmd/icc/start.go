package main

import (
	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/engine"
)

func startCommand() *cli.Command {
	return command(&cli.Command{
		Name: "start", Usage: "Start existing instances", ArgsUsage: "[SERVICE...]",
		Action: func(c *cli.Context) error { return power(c, engine.Start) },
	})
}
