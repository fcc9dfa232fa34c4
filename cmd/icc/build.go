package main

import (
	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/sdk/resource"
)

func buildCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "build",
		Usage:     "Build the services' images",
		ArgsUsage: "[SERVICE...]",
		Flags: append(buildFlags(),
			&cli.BoolFlag{Name: "with-dependencies", Usage: "also the images of the services that the named ones depend on"},
			quietFlag(),
			dryRunFlag(),
		),
		Action: func(c *cli.Context) error {
			opts := resource.NewOptions(resource.OptionCreate(), resource.OptionBuild(resource.BuildForce))
			return ensureImages(c, opts, func(built bool) bool { return built })
		},
	})
}
