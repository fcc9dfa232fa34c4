package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

func execCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "exec",
		Usage:     "Run a command in a running instance",
		ArgsUsage: "SERVICE COMMAND [ARGUMENT...]",
		Flags: append(processFlags(), indexFlag(),
			&cli.BoolFlag{Name: "detach", Aliases: []string{"d"}, Usage: "start the command, and do not wait for its end"}),
		Action: runExec,
	})
}

// processFlags are those of commands that run a command of the user's: exec and run.
func processFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "env", KeepSpace: true, Aliases: []string{"e"}, Usage: "set a variable, as `KEY=VALUE`; KEY alone passes icc's own on"},
		&cli.StringFlag{Name: "user", Aliases: []string{"u"}, Usage: "run as `USER`[:GROUP]"},
		&cli.StringFlag{Name: "workdir", Aliases: []string{"w"}, Usage: "run in `DIR`"},
		&cli.BoolFlag{Name: "no-tty", Aliases: []string{"T", "no-TTY"}, Usage: "no pseudo terminal, even on a terminal"},
		&cli.BoolFlag{Name: "interactive", Aliases: []string{"i"}, Usage: "pass standard input on", Value: true},
		// icc takes a terminal where there is one; the flag is docker's, so that a habitual -it is understood.
		&cli.BoolFlag{Name: "tty", Aliases: []string{"t"}, Usage: "a pseudo terminal where there is one", Value: true, Hidden: true},
	}
}

func indexFlag() cli.Flag {
	return &cli.IntFlag{Name: "index", Usage: "use the instance with this `NUMBER`; the first running one otherwise"}
}

func runExec(c *cli.Context) error {
	args := c.Args().Slice()
	if len(args) < 2 {
		return &usageError{command: "exec", text: "exec needs a service and a command"}
	}
	// Ctrl-C belongs to the command: it is passed on and must not end the session.
	c.Context = context.WithoutCancel(c.Context)
	s, err := open(c, namedProject(c), []resource.Kind{resource.KindInstance})
	if err != nil {
		return err
	}
	defer s.Close()
	target, err := s.execTarget(args[0], c.Int("index"))
	if err != nil {
		return err
	}
	if dryRun(c) {
		_, err := fmt.Fprintf(c.App.Writer, "exec %s: %s\n", target.name(), strings.Join(args[1:], " "))
		return err
	}
	detach := c.Bool("detach")
	tty := !detach && !c.Bool("no-tty") && c.Bool("tty") && onTerminal()
	req := sdk.SessionRequest{
		Verb: sdk.SessionExec, Args: args[1:], Environment: execEnvironment(c.StringSlice("env"), tty),
		WorkingDir: c.String("workdir"), User: c.String("user"), TTY: tty, Stdin: c.Bool("interactive") && !detach,
	}
	if detach {
		req.Verb = sdk.SessionExecDetached
	}
	code, err := runSession(c.Context, s, target.State, req, connection{})
	return orExitCode(code, err)
}

// orExitCode passes the exit code of a process on.
func orExitCode(code int, err error) error {
	if err != nil || code == 0 {
		return err
	}
	return exitCode(code)
}

// execTarget returns the running instance to run in.
func (s *session) execTarget(service string, index int) (instance, error) {
	list, err := s.servicesInstances([]string{service})
	if err != nil {
		return instance{}, err
	}
	for _, i := range list {
		if index != 0 && i.Number != index {
			continue
		}
		if i.runs() {
			return i, nil
		}
		if index != 0 {
			return i, resource.ErrNotRunning.WithText(fmt.Sprintf("instance %s is not running", i.name())).
				WithHint("start it with `icc start " + service + "`")
		}
	}
	if index != 0 {
		return instance{}, noSuchIndex(service, index)
	}
	return instance{}, resource.ErrNotRunning.WithText(fmt.Sprintf("service %q is not running", service)).
		WithHint("start it with `icc start " + service + "`")
}

func execEnvironment(pairs []string, tty bool) map[string]string {
	env := keyValues(pairs)
	_, chosen := env["TERM"]
	if t := os.Getenv("TERM"); tty && t != "" && !chosen {
		env["TERM"] = t
	}
	return env
}
