package main

import (
	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/engine"
)

func stopCommand() *cli.Command {
	return command(&cli.Command{
		Name: "stop", Usage: "Stop instances without removing them", ArgsUsage: "[SERVICE...]",
		Flags:  []cli.Flag{timeoutFlag(), dryRunFlag()},
		Action: func(c *cli.Context) error { return power(c, engine.Stop) },
	})
}
