package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/sdk"
)

// newApp returns the command tree.
func newApp() *cli.App {
	return &cli.App{
		Name:      "icc",
		Usage:     "Docker Compose's comfort on Incus' containers and virtual machines",
		UsageText: "icc [global flags] COMMAND [flags] [arguments]",
		Version:   sdk.Version,
		// --version prints this and nothing else, for scripts.
		HideVersion:               true,
		HideHelpCommand:           true,
		EnableBashCompletion:      true,
		UseShortOptionHandling:    true,
		DisableSliceFlagSeparator: true,
		Flags:                     globalFlags(),
		Commands: []*cli.Command{
			upCommand(), downCommand(), planCommand(), diffCommand(), psCommand(), lsCommand(), logsCommand(), execCommand(),
			runCommand(), attachCommand(), topCommand(), createCommand(), startCommand(), stopCommand(), restartCommand(),
			killCommand(), scaleCommand(), rollbackCommand(), rmCommand(),
			waitCommand(), configCommand(), buildCommand(), pullCommand(), pushCommand(), imagesCommand(),
			healthdCommand(), builderCommand(), pluginCommand(), completionCommand(), versionCommand(), helpCommand(),
		},
		Before:         checkGlobals,
		Action:         noCommand,
		OnUsageError:   onUsageError,
		ExitErrHandler: func(*cli.Context, error) {}, // report does that
		ErrWriter:      io.Discard,                   // report prints errors, once
	}
}

// noCommand runs when no command was recognised.
func noCommand(c *cli.Context) error {
	if c.Bool("version") {
		fmt.Fprintf(c.App.Writer, "icc version %s\n", sdk.Version)
		return nil
	}
	if name := c.Args().First(); name != "" {
		return unknownCommand(c.App.Commands, name)
	}
	return cli.ShowAppHelp(c)
}

// asUsage turns what the flag parser complains about into a usage error that names the command.
func asUsage(c *cli.Context, err error) error {
	name, known := "", c.App.Flags
	if c.Command != nil && c.Command.Name != c.App.Name {
		name, known = fullName(c), c.Command.Flags
	}
	text, hint := explainFlags(known, os.Args, err.Error())
	if flag, ok := strings.CutPrefix(text, "there is no flag "); ok && name != "" {
		text = name + ": " + text
		if findFlag(c.App.Flags, strings.TrimLeft(flag, "-")) != nil {
			hint = fmt.Sprintf("it is a flag of icc itself: `icc %s … %s`", flag, name)
		}
	}
	return &usageError{command: name, text: text, hint: hint}
}

func onUsageError(c *cli.Context, err error, _ bool) error { return asUsage(c, err) }

// command fills in what all commands have in common.
func command(c *cli.Command) *cli.Command {
	c.OnUsageError = onUsageError
	c.HideHelpCommand = true
	withLockTimeout(c)
	if c.BashComplete == nil {
		c.BashComplete = completeServices
	}
	return c
}

// fullName returns the running command as it is typed after icc: "plugin list".
func fullName(c *cli.Context) string { return strings.TrimPrefix(c.Command.HelpName, c.App.Name+" ") }

// noArguments refuses arguments that the command would ignore.
func noArguments(c *cli.Context) error {
	if c.Args().Present() {
		return &usageError{command: fullName(c), text: fmt.Sprintf("%s takes no arguments, got %q", fullName(c), c.Args().First())}
	}
	return nil
}
