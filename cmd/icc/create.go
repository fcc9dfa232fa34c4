package main

import (
	"slices"

	"github.com/urfave/cli/v2"
)

func createCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "create",
		Usage:     "Create the services' instances without starting them",
		ArgsUsage: "[SERVICE...]",
		Flags:     slices.Concat(imageFlags(), recreateFlags(), scaleFlags(), yesFlags(), []cli.Flag{dryRunFlag()}),
		Action:    converge,
	})
}

// converge is an `up` that shows no logs. What `create` leaves out says startsNothing.
func converge(c *cli.Context) error {
	if dryRun(c) {
		return showPlan(c, "table")
	}
	s, err := openForUp(c)
	if err != nil {
		return err
	}
	defer s.Close()
	return s.bringUp(c.Context)
}

// startsNothing says whether instances are created only.
func startsNothing(c *cli.Context) bool { return c.Command.Name == "create" || c.Bool("no-start") }
