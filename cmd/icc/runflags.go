package main

import (
	"os"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/compose"
)

func runFlags() []cli.Flag {
	return append(processFlags(),
		&cli.BoolFlag{Name: "detach", Aliases: []string{"d"}, Usage: "return when it has started, and print its name"},
		&cli.BoolFlag{Name: "rm", Usage: "remove the instance when its command has ended"},
		detachFlag(),
		&cli.StringFlag{Name: "entrypoint", Usage: "run `COMMAND` instead of the entrypoint; the service's command is dropped"},
		&cli.StringSliceFlag{Name: "env-from-file", KeepSpace: true, Usage: "set the variables in `FILE`; may be repeated"},
		&cli.StringSliceFlag{Name: "volume", KeepSpace: true, Aliases: []string{"v"}, Usage: "mount a `VOLUME`, as SOURCE:TARGET; may be repeated"},
		&cli.StringSliceFlag{Name: "publish", Aliases: []string{"p"}, Usage: "publish a `PORT`, as 8080:80; may be repeated"},
		&cli.BoolFlag{Name: "service-ports", Aliases: []string{"P"}, Usage: "publish the service's ports"},
		&cli.BoolFlag{Name: "use-aliases", Usage: "be found under the service's names on its networks"},
		&cli.StringFlag{Name: "name", Usage: "call the instance `NAME`"},
		&cli.StringSliceFlag{Name: "label", KeepSpace: true, Aliases: []string{"l"}, Usage: "set a label, as `KEY=VALUE`; may be repeated"},
		&cli.StringSliceFlag{Name: "cap-add", Usage: "add the Linux `CAPABILITY`; may be repeated"},
		&cli.StringSliceFlag{Name: "cap-drop", Usage: "drop the Linux `CAPABILITY`; may be repeated"},
		&cli.BoolFlag{Name: "no-deps", Usage: "leave the services that the service depends on alone"},
		&cli.BoolFlag{Name: "build", Usage: "build images before starting"},
		&cli.StringFlag{Name: "pull", Usage: "fetch images as `POLICY` says: always, missing or never"},
		&cli.BoolFlag{Name: "quiet-pull", Usage: "fetch images without showing progress"},
		removeOrphansFlag(),
		dryRunFlag(),
	)
}

// oneOffOf reads what the command line asks for.
func oneOffOf(c *cli.Context) (*compose.OneOff, error) {
	args := c.Args().Slice()
	if len(args) == 0 {
		return nil, &usageError{command: "run", text: "run needs a service"}
	}
	one := &compose.OneOff{
		Service: args[0], User: c.String("user"), WorkingDir: c.String("workdir"), Name: c.String("name"),
		Volumes: c.StringSlice("volume"), Publish: c.StringSlice("publish"), ServicePorts: c.Bool("service-ports"),
		UseAliases: c.Bool("use-aliases"), Labels: c.StringSlice("label"),
		CapAdd: c.StringSlice("cap-add"), CapDrop: c.StringSlice("cap-drop"), Detached: c.Bool("detach"),
	}
	if len(args) > 1 {
		one.Command = args[1:]
	}
	var err error
	if c.IsSet("entrypoint") {
		if one.Entrypoint, err = splitCommand(c.String("entrypoint")); err != nil {
			return nil, &usageError{command: "run", text: "--entrypoint: " + err.Error()}
		}
	}
	if one.Environment, err = runEnvironment(c); err != nil {
		return nil, err
	}
	one.Directory, err = os.Getwd()
	one.TTY = !one.Detached && !c.Bool("no-tty") && c.Bool("tty") && onTerminal()
	one.StdinOpen = c.Bool("interactive") && !one.Detached
	return one, err
}
