package main

import (
	"github.com/urfave/cli/v2"
)

// helpCommand is `--help` for those who are used to `help COMMAND`.
func helpCommand() *cli.Command {
	return command(&cli.Command{
		Name:         "help",
		Usage:        "Show the commands, or the flags of one",
		ArgsUsage:    "[COMMAND]",
		BashComplete: func(c *cli.Context) { cli.DefaultAppComplete(c) },
		Action: func(c *cli.Context) error {
			name := c.Args().First()
			if name == "" {
				return cli.ShowAppHelp(c)
			}
			if findCommand(c.App.Commands, name) == nil {
				return unknownCommand(c.App.Commands, name)
			}
			return cli.ShowCommandHelp(c, name)
		},
	})
}
