package main

import (
	"fmt"
	"strings"

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

// flagText is a flag's line in the help, in docker's form: "-f, --file FILE", what it is for, and the default that is
// more than nothing.
func flagText(f cli.Flag) string {
	doc, ok := f.(cli.DocGenerationFlag)
	if !ok {
		return ""
	}
	usage := doc.GetUsage()
	placeholder := ""
	if before, rest, quoted := strings.Cut(usage, "`"); quoted {
		name, after, _ := strings.Cut(rest, "`")
		placeholder, usage = " "+name, before+name+after
	} else if doc.TakesValue() {
		placeholder = " VALUE"
	}
	var short, long []string
	for _, name := range f.Names() {
		if len(name) == 1 {
			short = append(short, "-"+name)
		} else {
			long = append(long, "--"+name)
		}
	}
	if len(short) == 0 {
		short = []string{"   "} // keeps the long names in one column
	}
	names := strings.Join(append(short, long...), ", ")
	names = strings.Replace(names, "   , ", "    ", 1)
	if value := strings.Trim(doc.GetDefaultText(), `"`); doc.TakesValue() && value != "" && value != "0" {
		usage += fmt.Sprintf(" (default: %s)", value)
	}
	if env := doc.GetEnvVars(); len(env) > 0 {
		usage += " [$" + strings.Join(env, ", $") + "]"
	}
	return names + placeholder + "\t" + usage
}
