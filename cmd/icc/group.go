package main

import (
	"fmt"

	"github.com/urfave/cli/v2"
)

// group is a command that does nothing itself and has others under it, like `icc plugin list`.
func group(name, usage string, commands ...*cli.Command) *cli.Command {
	return &cli.Command{
		Name: name, Usage: usage, HideHelpCommand: true, OnUsageError: onUsageError, Subcommands: commands,
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return &usageError{command: name, text: fmt.Sprintf("there is no command %q under %s", c.Args().First(), name)}
			}
			return cli.ShowSubcommandHelp(c)
		},
	}
}
