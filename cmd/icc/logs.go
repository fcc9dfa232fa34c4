package main

import (
	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/sdk/resource"
)

func logsCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "logs",
		Usage:     "Show what the services print",
		ArgsUsage: "[SERVICE...]",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "follow", Aliases: []string{"f"}, Usage: "keep showing new lines"},
			&cli.StringFlag{Name: "tail", Aliases: []string{"n"}, Usage: "begin with the last `NUMBER` lines of each instance, or all", Value: "all"},
			&cli.BoolFlag{Name: "no-log-prefix", Usage: "print without the instances' names"},
			&cli.BoolFlag{Name: "no-color", Usage: "print without colours"},
		},
		Action: logs,
	})
}

func logs(c *cli.Context) error {
	tail, err := parseTail(c.String("tail"))
	if err != nil {
		return err
	}
	printer := newLogPrinter(c)
	s, err := open(c, namedProject(c), []resource.Kind{resource.KindInstance}, printer.Handle)
	if err != nil {
		return err
	}
	defer s.Close()
	list, err := s.servicesInstances(c.Args().Slice())
	if err != nil {
		return err
	}
	opts := resource.NewOptions()
	opts.Tail, opts.Follow = tail, c.Bool("follow")
	if err := s.followLogs(c.Context, printer, list, opts); err != nil {
		return err
	}
	if c.Context.Err() != nil { // following ends in order when it is interrupted
		return exitCode(exitInterrupted)
	}
	return nil
}

// servicesInstances returns the existing instances of the named services. A name that neither the compose files nor
// the server know is an error.
func (s *session) servicesInstances(services []string) ([]instance, error) {
	all, err := s.instances(s.cli.Context)
	if err != nil {
		return nil, err
	}
	return s.pick(all, services)
}

// pick returns the instances of the named services, with servicesInstances' errors.
func (s *session) pick(all []instance, services []string) ([]instance, error) {
	list, err := ofServices(all, services)
	if err != nil {
		if unknown := s.project.knows(services); unknown != nil {
			return nil, unknown
		}
	}
	return list, err
}
